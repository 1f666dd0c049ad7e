-- Images of blobs: mirrored, or made by a Dockerfile. Each blob is a store path, so that all that holds for those holds
-- for it; its layer's bytes are what is in the file, not a tar of it.
alter table layer add column blob boolean not null default false;

-- How an image of blobs wants to run; null: it is made of a closure, and runs as those do.
alter table release add column image_settings jsonb;

-- Whether somebody said which port it listens on; where nobody did, an image that says so is believed.
alter table service add column port_chosen boolean not null default true;
