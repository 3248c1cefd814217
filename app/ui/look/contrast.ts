/** Linear-light sRGB, each 0..1 (clipped to the gamut as browsers paint it), and alpha. */
export interface Rgb {
  readonly r: number
  readonly g: number
  readonly b: number
  readonly a: number
}

const clip = (value: number): number => Math.min(1, Math.max(0, value))

/** OKLCH to linear sRGB; matrices by Björn Ottosson, https://bottosson.github.io/posts/oklab/. @param hue degrees */
export const oklchToRgb = (lightness: number, chroma: number, hue: number, alpha = 1): Rgb => {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return {
    r: clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    g: clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    b: clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
    a: alpha
  }
}

/** WCAG 2.2 relative luminance of an opaque colour. */
export const luminance = ({ r, g, b }: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b

/** WCAG 2.2 contrast ratio, 1..21. */
export const contrast = (one: Rgb, other: Rgb): number => {
  const [low, high] = [luminance(one), luminance(other)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

const blocksOf = (css: string): readonly { selector: string; body: string }[] =>
  [...css.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{}]+)\{([^{}]*)\}/g)].map((match) => ({
    selector: (match[1] ?? '').trim(),
    body: match[2] ?? ''
  }))

export type Theme = 'paper' | 'night' | 'black'

/** The custom properties of tokens.css as they stand in one theme. */
export const tokensOf = (css: string, theme: Theme): ReadonlyMap<string, string> => {
  const tokens = new Map<string, string>()
  for (const { selector, body } of blocksOf(css)) {
    if (selector !== ':root' && selector !== `[data-theme="${theme}"]`) continue
    for (const match of body.matchAll(/(--[\w-]+):\s*([^;]+);/g)) tokens.set(match[1] ?? '', (match[2] ?? '').trim())
  }
  return tokens
}

/** Follows var() and light-dark() to one oklch() paint. Throws where a token names no colour: a test must not pass on a typing error. */
export const resolveColor = (tokens: ReadonlyMap<string, string>, name: string, theme: Theme): Rgb => {
  let value = tokens.get(name)
  for (let depth = 0; value !== undefined && depth < 8; depth++) {
    const pair = /^light-dark\((.+(?:\)|[^,(])),\s*(.+)\)$/.exec(value)
    if (pair) value = theme === 'paper' ? pair[1]?.trim() : pair[2]?.trim()
    const reference = /^var\((--[\w-]+)\)$/.exec(value ?? '')
    if (reference) value = tokens.get(reference[1] ?? '')
    const paint = /^oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)$/.exec(value ?? '')
    if (paint) return oklchToRgb(Number(paint[1]), Number(paint[2]), Number(paint[3]), Number(paint[4] ?? 1))
    if (value === 'oklch(0 0 0)') return oklchToRgb(0, 0, 0)
  }
  throw new Error(`${name} is not a colour in ${theme}: ${value}`)
}
