{ strings }:
rec {
  # Version control, editors' and builds' leftovers, and results of earlier builds.
  cleanSourceFilter =
    name: type:
    let
      base = builtins.baseNameOf (toString name);
    in
    !(
      builtins.elem base [
        ".git"
        ".svn"
        "CVS"
        ".hg"
        ".jj"
        ".pijul"
        "_darcs"
      ]
      || strings.hasSuffix "~" base
      || builtins.match "\\.sw[a-z]" base != null
      || builtins.match "\\..*\\.sw[a-z]" base != null
      || strings.hasSuffix ".o" base
      || strings.hasSuffix ".so" base
      || (type == "symlink" && strings.hasPrefix "result" base)
      || type == "unknown"
    );

  cleanSource = src: cleanSourceWith {
    filter = cleanSourceFilter;
    inherit src;
  };

  cleanSourceWith =
    {
      src,
      filter ? _: _: true,
      name ? "source",
    }:
    let
      already = src ? _isLibCleanSourceWith;
      origin = if already then src.origSrc else src;
      both = path: type: filter path type && (!already || src.filter path type);
    in
    {
      _isLibCleanSourceWith = true;
      origSrc = origin;
      filter = both;
      inherit name;
      outPath = builtins.path {
        inherit name;
        path = origin;
        filter = both;
      };
    };

  sourceByRegex =
    src: patterns:
    cleanSourceWith {
      inherit src;
      filter =
        path: type:
        let
          relative = strings.removePrefix (toString (src.origSrc or src) + "/") (toString path);
        in
        builtins.any (pattern: builtins.match pattern relative != null) patterns;
    };

  sourceFilesBySuffices =
    src: suffixes:
    cleanSourceWith {
      inherit src;
      filter =
        path: type: type == "directory" || builtins.any (suffix: strings.hasSuffix suffix (toString path)) suffixes;
    };

}
