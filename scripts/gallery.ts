/** One picture of the app: which screen, how large, in which theme. */
export type Shot = { readonly screen: string; readonly size: string; readonly theme: string; readonly file: string }

const figure = ({ size, theme, file }: Shot): string =>
  `<figure><a href="${file}"><img loading="lazy" src="${file}" alt="${size}, ${theme}"></a><figcaption>${size}, ${theme}</figcaption></figure>`

/** A page with all pictures, screen by screen. */
export const galleryPage = (shots: readonly Shot[]): string => {
  const screens = [...new Set(shots.map(({ screen }) => screen))]
  const section = (screen: string): string =>
    `<h2 id="${screen}">${screen}</h2><div>${shots
      .filter((shot) => shot.screen === screen)
      .map(figure)
      .join('')}</div>`
  return `<!doctype html>
<meta charset="utf-8">
<title>Every screen</title>
<style>
  body { font: 15px/1.5 system-ui; margin: 2rem; background: #888; color: #fff }
  div { display: flex; gap: 1rem; overflow-x: auto; align-items: start }
  figure { margin: 0 } img { height: 30rem; width: auto; display: block } a { color: inherit }
</style>
<p>${screens.map((screen) => `<a href="#${screen}">${screen}</a>`).join(' · ')}</p>
${screens.map(section).join('\n')}
`
}
