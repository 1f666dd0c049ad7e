/*
 * The Nix text that is evaluated. What a customer wrote is never part of it: it names folders of this machine by
 * their NAR hash, and pure evaluation reads nothing else.
 */

/** A file or folder of this machine that the expression may read. Becomes `<hash>-<name>` in the store. */
export interface Material {
  readonly name: string
  readonly path: string
  /** Its NAR hash in SRI form. */
  readonly narHash: string
}

/** Where the evaluator sees a material: what is in the store already is where it is. */
export const insidePath = ({ name, path }: Material): string =>
  path.startsWith("/nix/store/") ? path : `/material/${name}`

/** Where packages come from. */
export interface Packages extends Material {
  readonly system: string
  /** Arguments of its entry besides `system`, as Nix text. */
  readonly arguments: string
}

/** The text as a Nix string. */
export const nixString = (text: string): string =>
  `"${text
    .replace(/[\\"]|\$(?=\{)/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")}"`

export const materialText = (material: Material): string =>
  `builtins.path { name = ${nixString(material.name)}; path = ${nixString(insidePath(material))}; sha256 = ${nixString(material.narHash)}; }`

/** What a value tells about itself: a customer's words, which need not be true. */
export interface Described {
  readonly drvPath: string
  readonly outputName: string
  readonly name: string
  readonly pname: string
  /** `meta.mainProgram`, where it is set. */
  readonly mainProgram: string | null
}

/** The derivation that an evaluation gave, with the output that the derivation itself names. */
export interface Evaluated extends Described {
  readonly outPath: string
}

/** What the expression gives when its value is no derivation: Nix's word for the type. */
export interface NotADerivation {
  readonly type: string
  readonly attributes: ReadonlyArray<string>
}

const describe = `
  isDerivation = value: builtins.isAttrs value && value.type or null == "derivation";
  callable = value: builtins.isFunction value || (builtins.isAttrs value && value ? __functor);
  argumentsOf = value: if builtins.isFunction value then builtins.functionArgs value else value.__functionArgs or { };
  call = value: scope:
    if !(callable value) then value
    else if argumentsOf value == { } then value { inherit (scope) pkgs lib system; }
    else value (builtins.intersectAttrs (argumentsOf value) scope);
  chosen = value: if isDerivation value then value else if builtins.isAttrs value && isDerivation (value.default or null) then value.default else value;
  plain = builtins.unsafeDiscardStringContext;
  stringOr = fallback: value: let tried = builtins.tryEval (if builtins.isString value then plain value else fallback); in if tried.success then tried.value else fallback;
  describe = drv:
    if !(isDerivation drv) then {
      type = builtins.typeOf drv;
      attributes = if builtins.isAttrs drv then builtins.attrNames drv else [ ];
    } else {
      drvPath = plain drv.drvPath;
      outputName = drv.outputName or "out";
      name = plain drv.name;
      pname = stringOr (builtins.parseDrvName drv.name).name (drv.pname or null);
      mainProgram = stringOr null ((drv.meta or { }).mainProgram or null);
    };`

/** Evaluates `value` (Nix text in which `pkgs` is bound) and describes the derivation it gives. */
export const evaluationText = (packages: Packages, value: string): string => `let
  system = ${nixString(packages.system)};
  pkgs = import (${materialText(packages)}) { inherit system; ${packages.arguments} };
  scope = pkgs // { inherit pkgs system; inherit (pkgs) lib; };${describe}
in describe (chosen (call (${value}) scope))`

/** Nearest names: the attributes that exist where a message says that one is missing. */
export const namesText = (packages: Packages): string => `let
  pkgs = import (${materialText(packages)}) { system = ${nixString(packages.system)}; ${packages.arguments} };
in { pkgs = builtins.attrNames pkgs; lib = builtins.attrNames pkgs.lib; builtins = builtins.attrNames builtins; }`

/** A flake's outputs without fetching its inputs: `nixpkgs` is the package set, others are not there. */
export const flakeText = (folder: string, packages: Packages): string => `
  let
    folder = ${folder};
    flake = import (folder + "/flake.nix");
    nixpkgs = {
      outPath = ${nixString(packages.path)};
      inherit (pkgs) lib;
      legacyPackages.\${system} = pkgs;
      packages.\${system} = pkgs;
    };
    inputs = builtins.mapAttrs
      (name: input: if name == "nixpkgs" then nixpkgs else throw "the flake's input \\"\${name}\\" cannot be fetched here")
      (flake.inputs or { } // builtins.removeAttrs (builtins.functionArgs flake.outputs) [ "self" ]);
    self = { outPath = folder; inherit inputs; lastModified = 0; } // outputs;
    outputs = flake.outputs (inputs // { inherit self; });
  in outputs.packages.\${system}.default or outputs.defaultPackage.\${system} or (throw "the flake has no packages.\${system}.default")`

export const parseEvaluated = (json: string): Described | NotADerivation => {
  const value = JSON.parse(json)
  if (typeof value.drvPath !== "string")
    return { type: String(value.type), attributes: value.attributes ?? [] }
  return {
    drvPath: value.drvPath,
    outputName: value.outputName,
    name: value.name,
    pname: value.pname,
    mainProgram: value.mainProgram ?? null,
  }
}
