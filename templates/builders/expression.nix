# The derivation that a customer's expression means: a derivation, a function of `{ pkgs, … }`, or a function of pkgs.
{
  pkgs,
  # The expression's value: `import ./the-file.nix`.
  expression,
}:
let
  inherit (pkgs) lib;
  isCallable = value: builtins.isFunction value || (builtins.isAttrs value && value ? __functor);
  called =
    if !isCallable expression then
      expression
    else if builtins.isFunction expression && builtins.functionArgs expression == { } then
      expression pkgs
    else
      pkgs.callPackage expression { };
  kind = builtins.typeOf called;
in
if lib.isDerivation called then
  called
else if isCallable called then
  throw "the expression is a function of a function; it should give a derivation when it is called with { pkgs, … }"
else if builtins.isAttrs called && lib.isDerivation (called.default or null) then
  called.default
else if builtins.isAttrs called then
  throw "the expression gives a set with the attributes ${
    lib.concatStringsSep ", " (lib.take 8 (builtins.attrNames called))
  }, not a derivation; name one of them `default`"
else
  throw "the expression gives a value of the type ${kind}, not a derivation"
