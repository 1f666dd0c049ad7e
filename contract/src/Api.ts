import { HttpApi, OpenApi } from "effect/http-api"
import { ArtifactsGroup } from "./api/ArtifactsGroup.ts"
import { BuildsGroup } from "./api/BuildsGroup.ts"
import { CacheKeysGroup } from "./api/CacheKeysGroup.ts"
import { ChecksGroup } from "./api/ChecksGroup.ts"
import { DeploymentsGroup } from "./api/DeploymentsGroup.ts"
import { EventsGroup } from "./api/EventsGroup.ts"
import { ExpressionsGroup } from "./api/ExpressionsGroup.ts"
import { FleetGroup } from "./api/FleetGroup.ts"
import { FoldersGroup } from "./api/FoldersGroup.ts"
import { ImageGroup } from "./api/ImageGroup.ts"
import { InstallationsGroup } from "./api/InstallationsGroup.ts"
import { LearnedHashesGroup } from "./api/LearnedHashesGroup.ts"
import { NotificationsGroup } from "./api/NotificationsGroup.ts"
import { PreparedCredentialsGroup } from "./api/PreparedCredentialsGroup.ts"
import { RegistrationGroup } from "./api/RegistrationGroup.ts"
import { RegistriesGroup } from "./api/RegistriesGroup.ts"
import { ReleasesGroup } from "./api/ReleasesGroup.ts"
import { RepositoryGroup } from "./api/RepositoryGroup.ts"
import { ServicesGroup } from "./api/ServicesGroup.ts"
import { SessionGroup } from "./api/SessionGroup.ts"
import { SigningKeysGroup } from "./api/SigningKeysGroup.ts"
import { StacksGroup } from "./api/StacksGroup.ts"
import { StackTemplatesGroup } from "./api/StackTemplatesGroup.ts"
import { TemplatesGroup } from "./api/TemplatesGroup.ts"
import { WorkersGroup } from "./api/WorkersGroup.ts"
import { InputErrors } from "./Session.ts"

/** The whole HTTP contract: server, typed client and OpenAPI document come from it. */
export class Api extends HttpApi.make("skypanel")
  .add(
    SessionGroup,
    TemplatesGroup,
    ServicesGroup,
    DeploymentsGroup,
    ReleasesGroup,
    LearnedHashesGroup,
    StacksGroup,
    StackTemplatesGroup,
    SigningKeysGroup,
    BuildsGroup,
    ChecksGroup,
    ExpressionsGroup,
    FoldersGroup,
    RepositoryGroup,
    ImageGroup,
    PreparedCredentialsGroup,
    RegistriesGroup,
    EventsGroup,
    WorkersGroup,
    InstallationsGroup,
    RegistrationGroup,
    FleetGroup,
    NotificationsGroup,
    CacheKeysGroup,
    ArtifactsGroup,
  )
  .prefix("/api/v1")
  .middleware(InputErrors)
  .annotateMerge(OpenApi.annotations({ title: "SkyPanel", version: "1" })) {}
