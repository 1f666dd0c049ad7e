import { Api } from "@skypanel/contract/Api"
import { Layer } from "effect"
import { HttpServer } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { layerAuthorization } from "./authorization.ts"
import { layerDeployments } from "./deployments.ts"
import { layerEvents } from "./events.ts"
import { layerInputErrors } from "./inputErrors.ts"
import { layerServices } from "./services.ts"
import { layerSession } from "./session.ts"
import { layerTemplates } from "./templates.ts"
import { layerWorkers } from "./workers.ts"

/** The HttpApi with its OpenAPI document at `/api/v1/openapi.json` and its pages at `/api/v1/docs`. */
export const layerApi = Layer.mergeAll(
  HttpApiBuilder.layer(Api, { openapiPath: "/api/v1/openapi.json" }).pipe(
    Layer.provide([layerSession, layerTemplates, layerWorkers, layerServices, layerDeployments, layerEvents]),
    Layer.provide([layerAuthorization, layerInputErrors]),
  ),
  HttpApiScalar.layer(Api, { path: "/api/v1/docs" }),
).pipe(Layer.provide(HttpServer.layerServices))
