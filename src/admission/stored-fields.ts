/** The fields of a review whose values the API server certainly stores, by name. stored-size.ts counts them. */
import { REPLACED_ANNOTATIONS } from '../inject/index.ts'

/** The kind of a value, which determines its fields. For `text`, only strings count. */
export type Part =
  | 'nothing'
  | 'review'
  | 'request'
  | 'pod'
  | 'spec'
  | 'struct'
  | 'map'
  | 'annotations'
  | 'text'

/** `options` of a FlexVolume; the list with that name in a DNS configuration is not a map. */
export const MAPS = words('labels nodeSelector matchLabels limits requests overhead volumeAttributes options')

/**
 * Fields that an API server may leave out or replace when it stores a pod, and times, which take fewer bytes than
 * their text. Kubernetes 1.35 and earlier: fields of a disabled feature are removed after admission.
 */
const NOT_STORED = [
  ...words('creationTimestamp deletionTimestamp resourceVersion selfLink uid'),
  // Kubernetes 1.20+: the API server retries a pod that is too large for etcd without them.
  'managedFields',
  ...words('claims resourceClaims clusterTrustBundle podCertificate fileKeyRef volumeClaimTemplate'),
  ...words('hostnameOverride workloadRef schedulingGates stopSignal'),
  ...words('matchLabelKeys mismatchLabelKeys nodeAffinityPolicy nodeTaintsPolicy'),
  ...words('procMount recursiveReadOnly resizePolicy restartPolicy restartPolicyRules'),
  ...words('seLinuxChangePolicy supplementalGroupsPolicy'),
]

function words(text: string): readonly string[] {
  return text.split(' ')
}

type Row = readonly [name: string, part: Part]

const OF_STRUCTS: readonly Row[] = [
  ...MAPS.map((name): Row => [name, 'map']),
  ['annotations', 'annotations'],
  // As an object it is a volume, which is a feature that can be disabled.
  ['image', 'text'],
  ...NOT_STORED.map((name): Row => [name, 'nothing']),
]

class Fields {
  readonly #parts: ReadonlyMap<string, Part>
  /** Length and first byte of each name. Most other names differ in them and need not be read. */
  readonly #starts: ReadonlySet<number>
  readonly #others: Part

  constructor(others: Part, rows: readonly Row[]) {
    this.#parts = new Map(rows)
    this.#starts = new Set(rows.map(([name]) => startOf(name.length, name.charCodeAt(0))))
    this.#others = others
  }

  partAt(body: Buffer, start: number, end: number): Part {
    if (!this.#starts.has(startOf(end - start, body[start] ?? 0))) return this.#others
    return this.#parts.get(body.toString('latin1', start, end)) ?? this.#others
  }
}

function startOf(length: number, first: number): number {
  return length * 256 + first
}

const NOTHING = new Fields('nothing', [])

const FIELDS: { readonly [part in Exclude<Part, 'annotations'>]: Fields } = {
  nothing: NOTHING,
  review: new Fields('nothing', [['request', 'request']]),
  request: new Fields('nothing', [['object', 'pod']]),
  pod: new Fields('nothing', [
    ['metadata', 'struct'],
    ['spec', 'spec'],
  ]),
  // A feature that can be disabled, unlike the resources of a container.
  spec: new Fields('struct', [...OF_STRUCTS, ['resources', 'nothing']]),
  struct: new Fields('struct', OF_STRUCTS),
  map: new Fields('text', []),
  text: NOTHING,
}

/** The kind of the field with that name. @param start position of the name in the body */
export function partAt(within: Part, body: Buffer, start: number, end: number): Part {
  if (within !== 'annotations') return FIELDS[within].partAt(body, start, end)
  return isReplaced(body, start, end) ? 'nothing' : 'text'
}

const { names, prefix } = REPLACED_ANNOTATIONS
const FIRST_BYTES = new Set([...names, prefix].map((name) => name.charCodeAt(0)))
const LONGEST = Math.max(...[...names, prefix].map(({ length }) => length))

/** Injection may write a shorter one. */
function isReplaced(body: Buffer, start: number, end: number): boolean {
  if (!FIRST_BYTES.has(body[start] ?? 0)) return false
  const name = body.toString('latin1', start, Math.min(end, start + LONGEST + 1))
  return names.includes(name) || name.startsWith(prefix)
}
