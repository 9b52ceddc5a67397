/**
 * Which revisions the Services of a cluster lead to: by the istiod Deployments that their selectors match, else by their
 * names. Proxies, webhooks and ztunnel name Services, not revisions.
 */
import { discoveryService } from '../../dataplane/index.ts'
import { type JsonObject, own } from '../../json/index.ts'
import { labelOf, metadataOf, objectAt, specOf, textAt } from '../../kube/index.ts'

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

interface Istiod {
  readonly revision: string
  readonly namespace: string
  readonly podLabels: JsonObject
  readonly object: JsonObject
}

interface Input {
  readonly deployments: readonly JsonObject[]
  readonly services: readonly JsonObject[]
  readonly tags: ReadonlyMap<string, string>
}

const NONE: ReadonlySet<string> = new Set()
const TAG_SERVICE = 'istiod-revision-tag-'

export class ControlPlanes {
  readonly #istiods: readonly Istiod[]
  readonly #services: ReadonlyMap<string, JsonObject>
  readonly #tags: ReadonlyMap<string, string>
  readonly #known = new Map<string, ReadonlySet<string>>()

  constructor({ deployments, services, tags }: Input) {
    this.#istiods = deployments.flatMap((object) => readIstiod(object) ?? [])
    this.#services = new Map(services.map((service) => [keyOf(nameOf(service)), service]))
    this.#tags = tags
  }

  /** Revisions that have an istiod Deployment. */
  get revisions(): ReadonlySet<string> {
    return new Set(this.#istiods.map(({ revision }) => revision))
  }

  deploymentsOf(revision: string): readonly JsonObject[] {
    return this.#istiods.filter((one) => one.revision === revision).map(({ object }) => object)
  }

  get services(): Iterable<JsonObject> {
    return this.#services.values()
  }

  /** The revisions behind a Service; empty if it leads to no control plane. */
  ofService(service: ServiceName): ReadonlySet<string> {
    const key = keyOf(service)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    // An ExternalName that leads back to itself leads nowhere.
    this.#known.set(key, NONE)
    const found = this.#findRevisions(service)
    this.#known.set(key, found)
    return found
  }

  /** Whether nothing would answer there without the revision. */
  needs(revision: string, service: ServiceName): boolean {
    const found = this.ofService(service)
    return found.has(revision) && (found.size === 1 || service.name === serviceNameOf(revision))
  }

  /** The tag whose Service it is (Istio 1.28+). */
  tagOf(service: ServiceName): string | undefined {
    const object = this.#services.get(keyOf(service))
    if (object !== undefined) return labelOf(object, 'istio.io/tag') || undefined
    return service.name.startsWith(TAG_SERVICE) ? service.name.slice(TAG_SERVICE.length) : undefined
  }

  #findRevisions({ namespace, name }: ServiceName): ReadonlySet<string> {
    const object = this.#services.get(keyOf({ namespace, name }))
    if (object === undefined) return this.#ofName(name)
    const external = textAt(specOf(object), 'externalName')
    if (external !== '') {
      const next = discoveryService(external)
      return next === undefined ? NONE : this.ofService(next)
    }
    const selector = Object.entries(objectAt(specOf(object), 'selector'))
    const selected = this.#istiods.filter(
      (one) =>
        selector.length > 0 &&
        one.namespace === namespace &&
        selector.every(([key, value]) => own(one.podLabels, key) === value),
    )
    if (selected.length > 0) return new Set(selected.map(({ revision }) => revision))
    if (!name.startsWith('istiod')) return NONE
    const label = labelOf(object, 'istio.io/rev')
    return label ? new Set([label]) : this.#ofName(name)
  }

  #ofName(name: string): ReadonlySet<string> {
    if (name === 'istiod') return new Set(['default'])
    if (name.startsWith(TAG_SERVICE)) {
      const revision = this.#tags.get(name.slice(TAG_SERVICE.length))
      return revision === undefined ? NONE : new Set([revision])
    }
    return name.startsWith('istiod-') ? new Set([name.slice('istiod-'.length)]) : NONE
  }
}

/** `istiod-canary` of canary, as all installers name it. */
export function serviceNameOf(revision: string): string {
  return revision === 'default' ? 'istiod' : `istiod-${revision}`
}

export function nameOf(object: JsonObject): ServiceName {
  const metadata = metadataOf(object)
  return { namespace: textAt(metadata, 'namespace') || 'default', name: textAt(metadata, 'name') }
}

function keyOf({ namespace, name }: ServiceName): string {
  return `${namespace}/${name}`
}

export function isIstiod(object: JsonObject): boolean {
  return textAt(object, 'kind') === 'Deployment' && readIstiod(object) !== undefined
}

function readIstiod(object: JsonObject): Istiod | undefined {
  const template = objectAt(specOf(object), 'template')
  const app = labelOf(object, 'app') ?? labelOf(template, 'app')
  if (app !== 'istiod') return undefined
  const { namespace, name } = nameOf(object)
  const label = labelOf(template, 'istio.io/rev') || labelOf(object, 'istio.io/rev')
  const revision = label || (name.startsWith('istiod-') ? name.slice('istiod-'.length) : 'default')
  return { revision, namespace, podLabels: objectAt(metadataOf(template), 'labels'), object }
}
