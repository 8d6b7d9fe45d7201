import {
  localStorageColorSchemeManager,
  MantineProvider,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { theme } from './theme.ts'

const colorSchemeManager = localStorageColorSchemeManager({ key: 'stint-color-scheme' })

/**
 * Goes once around a face. Writes no `<style>` element at run time, so a face works under
 * `style-src 'self'`; import `@stint/ui/styles.css` beside it.
 */
export function StintProvider({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      withCssVariables={false}
      withGlobalClasses={false}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
    >
      {children}
      <Notifications position="bottom-right" limit={3} zIndex={1000} />
    </MantineProvider>
  )
}

export type ColorScheme = 'light' | 'dark' | 'auto'

/**
 * The person's choice of light, dark or whatever the system says; how to change it; and whether it is dark now, also
 * when the system chooses.
 */
export function useColorScheme(): readonly [ColorScheme, (next: ColorScheme) => void, boolean] {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const shown = useComputedColorScheme('light', { getInitialValueInEffect: false })
  return [colorScheme, setColorScheme, shown === 'dark']
}
