import { StintProvider } from '@stint/ui'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { watchSignOut } from '../api/account.ts'
import { ApiProblem } from '../api/client.ts'
import { createConsoleRouter } from './router.tsx'

const MAX_RETRIES = 2

/** Refusals are answers: only a server that did not answer is asked again. */
function shouldRetry(failures: number, error: Error): boolean {
  const mayPass = error instanceof ApiProblem && (error.status === 0 || error.status >= 500)
  return mayPass && failures < MAX_RETRIES
}

const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 10_000, retry: shouldRetry }, mutations: { retry: false } },
})
watchSignOut(queryClient)
const router = createConsoleRouter(queryClient)

export function App() {
  return (
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <StintProvider>
          <RouterProvider router={router} />
        </StintProvider>
      </QueryClientProvider>
    </StrictMode>
  )
}
