attrsets: rec {
  # `f` remembered beside its result, so that `result.override { … }` calls it again with other arguments.
  makeOverridable =
    function:
    mirrorFunctionArgs function (
      arguments:
      let
        result = function arguments;
        with' = changes: arguments // (if builtins.isFunction changes then changes arguments else changes);
        override = changes: makeOverridable function (with' changes);
      in
      if builtins.isAttrs result then
        result // { inherit override; }
      else if builtins.isFunction result then
        {
          inherit override;
          __functor = _: result;
        }
      else
        result
    );

  setFunctionArgs = function: arguments: {
    __functor = _: function;
    __functionArgs = arguments;
  };
  functionArgs = function: function.__functionArgs or (builtins.functionArgs (function.__functor function));
  argumentsOf =
    function: if builtins.isAttrs function then functionArgs function else builtins.functionArgs function;
  mirrorFunctionArgs =
    original: function:
    let
      arguments = argumentsOf original;
    in
    if arguments == { } then function else setFunctionArgs function arguments;

  callPackageWith =
    scope: functionOrPath: given:
    let
      function = if builtins.isFunction functionOrPath || builtins.isAttrs functionOrPath then functionOrPath else import functionOrPath;
      wanted = argumentsOf function;
      missing = builtins.filter (name: !(scope ? ${name}) && !(given ? ${name}) && !wanted.${name}) (
        builtins.attrNames wanted
      );
      explain = throw "Function called without required argument \"${builtins.head missing}\"; the package set has no such attribute";
    in
    if missing != [ ] then
      explain
    else
      makeOverridable function (builtins.intersectAttrs wanted scope // given);

  callPackagesWith =
    scope: function: given:
    removeAttrs (callPackageWith scope function given) [ "override" ];

  makeScope =
    newScope: function:
    let
      self = function self // {
        newScope = extra: newScope (self // extra);
        callPackage = self.newScope { };
        overrideScope = overlay: makeScope newScope (final: function final // overlay final (function final));
        packages = function;
      };
    in
    self;

  extendDerivation =
    condition: passthru: package:
    package // (if condition then passthru else throw "this derivation is not available");
  hydraJob = package: package;
  overrideDerivation = package: function: package.overrideAttrs function;
  appendToName = suffix: package: package.overrideAttrs (old: { name = "${old.name}-${suffix}"; });
}
