import { registerIconLibrary } from "@awesome.me/webawesome/dist/components/icon/library.js"

/**
 * Web Awesome asks a server of its maker for icons; ours come from here. It fetches what a resolver names, and a
 * strict content security policy refuses `data:` there.
 */
for (const library of ["default", "system"])
  registerIconLibrary(library, { resolver: (name) => `/icons/${name}.svg` })
