import { createTheme, defaultVariantColorsResolver, Modal, type VariantColorsResolver } from '@mantine/core'

/** What a control may be coloured as. Everything else is the neutral default. */
const tones = {
  accent: ['--st-accent', '--st-accent-hover', '--st-on-accent', '--st-accent-soft', '--st-accent-text'],
  danger: ['--st-danger', '--st-danger-hover', '--st-on-danger', '--st-danger-soft', '--st-danger-text'],
} as const

const variantColors: VariantColorsResolver = (input) => {
  const [filled, hover, on, soft, text] = input.color === 'danger' ? tones.danger : tones.accent
  const none = { hover: 'var(--st-hover)', color: 'var(--st-text)', border: '1px solid transparent' }
  switch (input.variant) {
    case 'filled':
      return { ...none, background: `var(${filled})`, hover: `var(${hover})`, color: `var(${on})` }
    case 'light':
      return { ...none, background: `var(${soft})`, hover: `var(${soft})`, color: `var(${text})` }
    case 'outline':
      return {
        ...none,
        background: 'transparent',
        hover: `var(${soft})`,
        color: `var(${text})`,
        border: `1px solid var(${filled})`,
      }
    case 'default':
      return {
        background: 'var(--st-surface)',
        hover: 'var(--st-hover)',
        color: input.color === 'danger' ? `var(${text})` : 'var(--st-text)',
        border: '1px solid var(--st-line-strong)',
      }
    case 'subtle':
      return {
        ...none,
        background: 'transparent',
        color: input.color === 'danger' ? `var(${text})` : 'var(--st-text)',
      }
    default:
      return defaultVariantColorsResolver(input)
  }
}

/** Mantine said in our tokens: sizes, one radius, our colours, motion that respects the person's wish. */
export const theme = createTheme({
  variantColorResolver: variantColors,
  respectReducedMotion: true,
  focusRing: 'auto',
  cursorType: 'pointer',
  defaultRadius: 'md',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Input: { defaultProps: { size: 'sm' } },
    InputWrapper: {
      defaultProps: { size: 'sm', inputWrapperOrder: ['label', 'description', 'input', 'error'] },
    },
    Modal: Modal.extend({
      defaultProps: { centered: true, lockScroll: false, overlayProps: { backgroundOpacity: 1 } },
    }),
    Drawer: { defaultProps: { lockScroll: false } },
    Switch: { defaultProps: { size: 'sm', withThumbIndicator: false } },
    Tooltip: { defaultProps: { openDelay: 250, events: { hover: true, focus: true, touch: true } } },
    Menu: { defaultProps: { radius: 'md', shadow: 'lg' } },
    Tabs: { defaultProps: { keepMounted: false } },
  },
})
