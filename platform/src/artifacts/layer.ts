import { Layer } from "effect"
import { ArtifactStore } from "./ArtifactStore.ts"
import { BlobImages } from "./BlobImages.ts"
import { accountBuffersInHeap } from "./bufferAccounting.ts"
import { CacheCredential } from "./CacheCredential.ts"
import { Closures } from "./Closures.ts"
import { Compressions } from "./Compressions.ts"
import { Collector } from "./collection/Collector.ts"
import { CommonPulls } from "./common/CommonPulls.ts"
import { Images } from "./Images.ts"
import { LayerFiles } from "./LayerFiles.ts"
import { Layers } from "./Layers.ts"
import { NarFiles } from "./NarFiles.ts"
import { RegistryCredential } from "./RegistryCredential.ts"
import { SigningKeys } from "./SigningKeys.ts"
import { Traffic } from "./Traffic.ts"
import { Upstreams } from "./upstream/Upstreams.ts"

/** The artifact store with everything in it; needs ArtifactConfig and PostgreSQL. */
export const layerArtifacts = Layer.mergeAll(Images.layer, BlobImages.layer, Upstreams.layer).pipe(
  Layer.provideMerge(Layers.layer),
  Layer.provideMerge(
    Layer.mergeAll(ArtifactStore.layer, Closures.layer, Collector.layer, LayerFiles.layer, Traffic.layer),
  ),
  Layer.provideMerge(Layer.mergeAll(NarFiles.layer, SigningKeys.layer)),
  Layer.provideMerge(
    Layer.mergeAll(RegistryCredential.layer, CacheCredential.layer, Compressions.layer, CommonPulls.layer),
  ),
  Layer.merge(Layer.effectDiscard(accountBuffersInHeap)),
)
