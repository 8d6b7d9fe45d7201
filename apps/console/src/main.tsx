import '@stint/ui/styles.css'
import './console.css'
import './forms.css'
import './pages/policy/policy.css'
import './pages/reports/reports.css'
import './pages/session/session.css'
import './print.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'

const root = document.getElementById('app')
if (root) createRoot(root).render(<App />)
