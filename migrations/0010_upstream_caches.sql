-- Several keys may sign at a time: while one takes another's place, and what a public cache signed keeps its signature.

-- The platform's own keys. Their secret halves are files of the data folder, and are gone once a key is retired.
create table signing_key (
  -- <name>:<base64>, as Nix' trusted-public-keys take it.
  public_key text primary key,
  name text not null unique,
  created_at timestamptz not null default clock_timestamp(),
  -- Since then nothing that it signed is said any more.
  retired_at timestamptz
);

create table store_signature (
  base text not null references store_path on delete cascade,
  -- Whose it is: the public key, ours or a public cache's.
  public_key text not null,
  signature text not null,
  primary key (base, public_key)
);
create index store_signature_key on store_signature (public_key);

-- The signatures of before say the name of their key alone, which may be another than the key of that name is now. They
-- stand until the platform has signed every path anew, which it begins when it starts.
insert into store_signature (base, public_key, signature)
select base, split_part(signature, ':', 1), signature from store_path;
alter table store_path drop column signature;
