{ strings, attrsets }:
let
  license = spdxId: fullName: {
    inherit spdxId fullName;
    free = true;
  };
in
rec {
  getExe =
    package:
    getExe' package (
      package.meta.mainProgram or (strings.getName package)
    );
  getExe' = package: program: "${strings.getBin package}/bin/${program}";
  setName = name: package: package // { inherit name; };
  addMetaAttrs = meta: package: package // { meta = (package.meta or { }) // meta; };
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);

  platformLists = rec {
    linux = [
      "x86_64-linux"
      "aarch64-linux"
    ];
    x86_64 = [
      "x86_64-linux"
      "x86_64-darwin"
    ];
    darwin = [
      "x86_64-darwin"
      "aarch64-darwin"
    ];
    unix = linux ++ darwin;
    all = unix;
  };

  licenses = {
    agpl3Only = license "AGPL-3.0-only" "GNU Affero General Public License v3.0 only";
    agpl3Plus = license "AGPL-3.0-or-later" "GNU Affero General Public License v3.0 or later";
    asl20 = license "Apache-2.0" "Apache License 2.0";
    bsd2 = license "BSD-2-Clause" ''BSD 2-clause "Simplified" License'';
    bsd3 = license "BSD-3-Clause" ''BSD 3-clause "New" or "Revised" License'';
    cc0 = license "CC0-1.0" "Creative Commons Zero v1.0 Universal";
    gpl2Only = license "GPL-2.0-only" "GNU General Public License v2.0 only";
    gpl2Plus = license "GPL-2.0-or-later" "GNU General Public License v2.0 or later";
    gpl3Only = license "GPL-3.0-only" "GNU General Public License v3.0 only";
    gpl3Plus = license "GPL-3.0-or-later" "GNU General Public License v3.0 or later";
    isc = license "ISC" "ISC License";
    lgpl3Plus = license "LGPL-3.0-or-later" "GNU Lesser General Public License v3.0 or later";
    mit = license "MIT" "MIT License";
    mpl20 = license "MPL-2.0" "Mozilla Public License 2.0";
    unlicense = license "Unlicense" "The Unlicense";
    zlib = license "Zlib" "zlib License";
    unfree = {
      fullName = "Unfree";
      free = false;
    };
  };
}
