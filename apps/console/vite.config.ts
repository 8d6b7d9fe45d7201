import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env.STINT_SERVER ?? 'http://127.0.0.1:8003'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // Everything is a file of its own origin: the server sends a strict content security policy.
  build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, sourcemap: false, target: 'es2022' },
  server: { host: '127.0.0.1', port: 5173, strictPort: true, proxy: { '/api': server } },
})
