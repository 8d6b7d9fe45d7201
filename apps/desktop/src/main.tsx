import '@stint/ui/styles.css'
import './desktop.css'
import { createRoot } from 'react-dom/client'
import { openPage } from './api/page-link.ts'
import { App } from './app/App.tsx'

const root = document.getElementById('app')
// Before anything is drawn: the key in the address is good once and must not stay there.
const opened = openPage()
if (root) createRoot(root).render(<App opened={opened} />)
