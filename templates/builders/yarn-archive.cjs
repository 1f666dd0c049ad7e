// A plugin of Yarn 3 and 4: `yarn convert TARBALL NAME OUT` makes the archive that Yarn keeps of a package.
module.exports = {
  name: "convert",
  factory: (require) => {
    const { Configuration, structUtils, tgzUtils, YarnVersion } = require("@yarnpkg/core")
    const { npath } = require("@yarnpkg/fslib")
    const { Command, Option } = require("clipanion")
    // biome-ignore lint/style/useNodejsImportProtocol: Yarn 3 hands out builtin modules by this name alone.
    const { copyFileSync, readFileSync } = require("fs")

    class Convert extends Command {
      static paths = [["convert"]]
      tarball = Option.String()
      package = Option.String()
      out = Option.String()
      async execute() {
        const configuration = await Configuration.find(this.context.cwd, this.context.plugins)
        const archive = await tgzUtils.convertToZip(readFileSync(this.tarball), {
          compressionLevel: configuration.get("compressionLevel"),
          prefixPath: structUtils.getIdentVendorPath(structUtils.parseIdent(this.package)),
          stripComponents: 1,
          // Yarn 3 hands all of this to a thread, which takes no configuration.
          ...(YarnVersion.startsWith("3.") ? {} : { configuration }),
        })
        const made = npath.fromPortablePath(archive.getRealPath())
        archive.saveAndClose()
        copyFileSync(made, this.out)
        // That thread never ends.
        process.exit(0)
      }
    }
    return { commands: [Convert] }
  },
}
