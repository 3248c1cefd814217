/** The part of the Trusted Types API that is used; TypeScript's DOM library does not carry it yet. */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string }
  ): { createScriptURL(address: string): string }
}

/** Same-origin .js files only: nothing else may become a worker of this page. */
export const ownScript = (address: string, base: string): string => {
  const url = new URL(address, base)
  if (url.origin !== new URL(base).origin || !/\.(?:js|ts)$/.test(url.pathname))
    throw new Error(`not a script of this app: ${url.href}`)
  return url.href
}

/** Under `require-trusted-types-for 'script'` a worker's address must come from the one policy the header names, `council`. */
export const createScriptPolicy = (page: Window): ((address: string) => string) => {
  const rules = { createScriptURL: (address: string) => ownScript(address, page.location.href) }
  const { trustedTypes } = page as Window & { trustedTypes?: PolicyFactory }
  const policy = trustedTypes?.createPolicy('council', rules) ?? rules
  return (address) => policy.createScriptURL(address)
}
