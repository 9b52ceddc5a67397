/**
 * otelResourceAttributes (Istio 1.30+): the value of OTEL_RESOURCE_ATTRIBUTES by OpenTelemetry's conventions for
 * Kubernetes, if any tracing provider of the mesh requires them.
 */
import { type FunctionSpec, pointerTo, sliceOf, stringMapType, stringType } from '../../gotemplate/index.ts'
import {
  enumDescriptor,
  type MeshConfig,
  meshConfigMessage,
  type ProtoMessage,
  type ProtoValue,
} from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { textAt } from '../../kube/index.ts'
import type { FunctionEnv } from './function-env.ts'
import { structsOf } from './ports.ts'
import { entriesOf } from './string-maps.ts'

const ENRICHMENT = 'mesh.MeshConfig.ExtensionProvider.ServiceAttributeEnrichment'

export function otelResourceAttributes({ protoTypes, container }: FunctionEnv): FunctionSpec {
  return {
    params: [
      pointerTo(protoTypes.message(meshConfigMessage)),
      stringMapType,
      stringMapType,
      stringType,
      sliceOf(container),
    ],
    returns: stringType,
    call: ([mesh, annotations, labels, namespace, containers], context) => {
      if (!asksForConventions(protoTypes.messageOf(mesh)?.message)) return ''
      return attributes({
        annotations: new Map(entriesOf(annotations, context)),
        labels: new Map(entriesOf(labels, context)),
        namespace: String(namespace),
        containers: structsOf(containers, context),
      })
    },
  }
}

function asksForConventions(mesh: MeshConfig | undefined): boolean {
  const wanted = enumDescriptor(ENRICHMENT).byName.get('OTEL_SEMANTIC_CONVENTIONS')
  return (mesh?.extensionProviders ?? []).some((provider) => {
    const otel = provider['opentelemetry']
    return isMessage(otel) && otel['serviceAttributeEnrichment'] === wanted
  })
}

function isMessage(value: ProtoValue | undefined): value is ProtoMessage {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Map)
}

interface Facts {
  readonly annotations: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  readonly namespace: string
  readonly containers: readonly JsonObject[]
}

function attributes({ annotations, labels, namespace, containers }: Facts): string {
  const stated = (name: string) => annotations.get(`resource.opentelemetry.io/${name}`)
  const [first] = containers
  const version =
    stated('service.version') ||
    labels.get('app.kubernetes.io/version') ||
    (containers.length === 1 && first !== undefined ? imageVersion(textAt(first, 'image')) : '')
  // The pod's name is not known yet; Kubernetes fills it in when the container starts.
  const instance = first === undefined ? '' : `${namespace}.$(POD_NAME).${textAt(first, 'name')}`
  const found = [
    ['service.namespace', stated('service.namespace') || namespace],
    ['service.version', version],
    ['service.instance.id', stated('service.instance.id') || instance],
  ]
  return found
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** Tag and digest of an image, joined by `@` if it has both. */
function imageVersion(image: string): string {
  const at = image.indexOf('@')
  const digest = at < 0 ? '' : image.slice(at + 1)
  const named = at < 0 ? image : image.slice(0, at)
  const colon = named.lastIndexOf(':')
  const tag = colon > named.lastIndexOf('/') ? named.slice(colon + 1) : ''
  return tag !== '' && digest !== '' ? `${tag}@${digest}` : digest || tag
}
