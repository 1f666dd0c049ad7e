rec {
  inherit (builtins)
    head
    tail
    length
    elem
    elemAt
    filter
    all
    any
    concatLists
    concatMap
    genList
    sort
    map
    isList
    partition
    groupBy
    foldl'
    ;

  singleton = value: [ value ];
  toList = value: if isList value then value else [ value ];
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  foldr =
    function: initial: values:
    let
      from = index: if index == length values then initial else function (elemAt values index) (from (index + 1));
    in
    from 0;
  fold = foldr;
  foldl = foldl';
  range = first: last: if first > last then [ ] else genList (offset: first + offset) (last - first + 1);
  replicate = count: value: genList (_: value) count;
  imap0 = function: values: genList (index: function index (elemAt values index)) (length values);
  imap1 = function: values: genList (index: function (index + 1) (elemAt values index)) (length values);
  forEach = values: function: map function values;
  flatten = value: if isList value then concatMap flatten value else [ value ];
  remove = value: filter (each: each != value);
  subtractLists = unwanted: filter (each: !(elem each unwanted));
  intersectLists = wanted: filter (each: elem each wanted);
  unique = foldl' (seen: value: if elem value seen then seen else seen ++ [ value ]) [ ];
  reverseList = values: genList (index: elemAt values (length values - index - 1)) (length values);
  count = predicate: values: length (filter predicate values);
  findFirst =
    predicate: default: values:
    let
      found = filter predicate values;
    in
    if found == [ ] then default else head found;
  sublist =
    start: size: values:
    let
      available = length values - start;
      taken = if size < available then size else available;
    in
    genList (index: elemAt values (start + index)) (if taken < 0 then 0 else taken);
  take = sublist 0;
  drop = start: values: sublist start (length values) values;
  last = values: elemAt values (length values - 1);
  init = values: take (length values - 1) values;
  zipListsWith =
    function: left: right:
    genList (index: function (elemAt left index) (elemAt right index)) (
      if length left < length right then length left else length right
    );
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  naturalSort = sort builtins.lessThan;
  sortOn = key: sort (left: right: key left < key right);
  allUnique = values: length (unique values) == length values;
  takeEnd = size: values: drop (if size < length values then length values - size else 0) values;
  dropEnd = size: values: take (length values - size) values;
}
