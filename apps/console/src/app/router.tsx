import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { meQuery } from '../api/account.ts'
import { readSearch } from '../pages/reports/search.ts'
import { BrokenPage, MissingPage } from './dead-ends.tsx'
import { Shell } from './Shell.tsx'

interface RouterContext {
  readonly queryClient: QueryClient
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: MissingPage,
  errorComponent: BrokenPage,
})

const join = createRoute({
  getParentRoute: () => root,
  path: '/join/$token',
  component: lazyRouteComponent(() => import('../pages/join/JoinPage.tsx'), 'JoinPage'),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>) => ({ ...text(search, 'return') }),
  component: lazyRouteComponent(() => import('../pages/sign-in/SignInPage.tsx'), 'SignInPage'),
})

/** Everything behind the sign-in. Somebody who is not signed in comes back to where they wanted to go. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.query(meQuery)
    if (me === null) throw redirect({ to: '/sign-in', search: { return: location.href }, replace: true })
  },
})

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/overview/OverviewPage.tsx'), 'OverviewPage'),
})
const requests = createRoute({
  getParentRoute: () => shell,
  path: '/requests',
  validateSearch: (search: Record<string, unknown>) => ({ ...text(search, 'tab'), ...text(search, 'open') }),
  component: lazyRouteComponent(() => import('../pages/requests/RequestsPage.tsx'), 'RequestsPage'),
})
const answer = createRoute({
  getParentRoute: () => shell,
  path: '/answer',
  component: lazyRouteComponent(() => import('../pages/answer/AnswerPage.tsx'), 'AnswerPage'),
})
const sessions = createRoute({
  getParentRoute: () => shell,
  path: '/sessions',
  validateSearch: (search: Record<string, unknown>) => ({ ...text(search, 'tab') }),
  component: lazyRouteComponent(() => import('../pages/sessions/SessionsPage.tsx'), 'SessionsPage'),
})
const session = createRoute({
  getParentRoute: () => shell,
  path: '/sessions/$sessionId',
  component: lazyRouteComponent(() => import('../pages/session/SessionPage.tsx'), 'SessionPage'),
})
const computers = createRoute({
  getParentRoute: () => shell,
  path: '/computers',
  validateSearch: (search: Record<string, unknown>) => ({ ...text(search, 'enrol') }),
  component: lazyRouteComponent(() => import('../pages/computers/ComputersPage.tsx'), 'ComputersPage'),
})
const computer = createRoute({
  getParentRoute: () => shell,
  path: '/computers/$deviceId',
  component: lazyRouteComponent(() => import('../pages/computer/ComputerPage.tsx'), 'ComputerPage'),
})
const people = createRoute({
  getParentRoute: () => shell,
  path: '/people',
  validateSearch: (search: Record<string, unknown>) => ({ ...text(search, 'invite') }),
  component: lazyRouteComponent(() => import('../pages/people/PeoplePage.tsx'), 'PeoplePage'),
})
const policy = createRoute({
  getParentRoute: () => shell,
  path: '/policy',
  component: lazyRouteComponent(() => import('../pages/policy/PolicyPage.tsx'), 'PolicyPage'),
})
const ledger = createRoute({
  getParentRoute: () => shell,
  path: '/ledger',
  component: lazyRouteComponent(() => import('../pages/ledger/LedgerPage.tsx'), 'LedgerPage'),
})
const tokens = createRoute({
  getParentRoute: () => shell,
  path: '/tokens',
  component: lazyRouteComponent(() => import('../pages/tokens/TokensPage.tsx'), 'TokensPage'),
})
const reports = createRoute({
  getParentRoute: () => shell,
  path: '/reports',
  component: lazyRouteComponent(() => import('../pages/reports/ReportsPage.tsx'), 'ReportsPage'),
})
const report = createRoute({
  getParentRoute: () => shell,
  path: '/reports/$report',
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import('../pages/reports/ReportPage.tsx'), 'ReportPage'),
})
const schedules = createRoute({
  getParentRoute: () => shell,
  path: '/schedules',
  component: lazyRouteComponent(() => import('../pages/schedules/SchedulesPage.tsx'), 'SchedulesPage'),
})
const findings = createRoute({
  getParentRoute: () => shell,
  path: '/findings',
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, 'tab'),
    ...text(search, 'device'),
    ...text(search, 'code'),
    ...text(search, 'open'),
  }),
  component: lazyRouteComponent(() => import('../pages/findings/FindingsPage.tsx'), 'FindingsPage'),
})
const connections = createRoute({
  getParentRoute: () => shell,
  path: '/connections',
  component: lazyRouteComponent(() => import('../pages/connections/ConnectionsPage.tsx'), 'ConnectionsPage'),
})

const behindSignIn = [
  overview,
  requests,
  answer,
  sessions,
  session,
  computers,
  computer,
  people,
  policy,
  ledger,
  tokens,
  reports,
  report,
  schedules,
  findings,
  connections,
] as const
const routeTree = root.addChildren([join, signIn, shell.addChildren(behindSignIn)])

/** One text of the address, if it is one; an absent member otherwise, so that links need not name it. */
function text<K extends string>(search: Record<string, unknown>, key: K): { [key in K]?: string } {
  const value = search[key]
  return (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { [key in K]?: string }
}

export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
