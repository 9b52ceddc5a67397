/** A container's own fields as Kubernetes validates them (pkg/apis/core/validation, 1.25 to 1.36). */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { quantityValue } from '../quantity-value.ts'
import { objectAt, textAt } from '../typed-pod.ts'
import { itemsOf, listed, type NamedItem, type PodProblem, repeated } from './pod-problem.ts'

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const PORT_NAME = /^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*$/
const MAX_PORT_NAME = 15
const MAX_PORT = 65_535
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc']
const HOOKS = ['exec', 'httpGet', 'tcpSocket', 'sleep']
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']

export function validateContainer(container: NamedItem): readonly PodProblem[] {
  const { item, name, path } = container
  const problems: PodProblem[] = []
  if (!LABEL.test(name))
    problems.push({
      path,
      message: name === '' ? 'has no name' : 'has a name that is not a DNS label',
      expected: 'a DNS label',
    })
  if (textAt(item, 'image').trim() === '')
    problems.push({ path, message: 'has no image', expected: 'an image' })
  return [
    ...problems,
    ...validatePorts(container),
    ...validateEnv(container),
    ...validateResources(container),
    ...validateHandlers(container),
    ...validateEscalation(container),
  ]
}

function validatePorts({ item, path }: NamedItem): readonly PodProblem[] {
  const ports = itemsOf(item, 'ports', path)
  const names = ports.map(({ name }) => name).filter((name) => name !== '')
  return [
    ...ports.flatMap(({ item: port, name, path: at }) => {
      const number = own(port, 'containerPort')
      const problems: PodProblem[] = []
      if (typeof number !== 'number' || number < 1 || number > MAX_PORT)
        problems.push({
          path: at,
          message:
            typeof number === 'number' ? `has the containerPort ${number}` : 'has no valid containerPort',
          expected: '1 to 65535',
        })
      if (name !== '' && (name.length > MAX_PORT_NAME || !PORT_NAME.test(name)))
        problems.push({
          path: at,
          message: 'has a name that Kubernetes refuses',
          expected: 'at most 15 lower-case letters, digits and dashes, with at least one letter',
        })
      return problems
    }),
    ...repeated(names).map((name) => ({
      path: `${path}.ports[${name}]`,
      message: 'has the name of another port of the container',
      expected: 'a name of its own for each port',
    })),
  ]
}

function validateEnv({ item, path }: NamedItem): readonly PodProblem[] {
  return itemsOf(item, 'env', path).flatMap(({ item: variable, name, path: at }) => {
    if (name === '') return [{ path: at, message: 'has no name', expected: 'a name' }]
    const from = own(variable, 'valueFrom')
    if (!isObject(from)) return []
    if (textAt(variable, 'value') !== '')
      return [
        {
          path: at,
          message: 'has both value and valueFrom',
          expected: 'one of them',
          fields: [`${at}.value`, `${at}.valueFrom`],
        },
      ]
    const sources = Object.keys(from).filter((key) => own(from, key) !== null)
    if (sources.length === 1) return []
    const found = sources.length === 0 ? 'no source' : listed(sources)
    return [{ path: `${at}.valueFrom`, message: `has ${found}`, expected: 'one source for a variable' }]
  })
}

function validateResources({ item, path }: NamedItem): readonly PodProblem[] {
  const resources = objectAt(item, 'resources')
  const limits = objectAt(resources, 'limits')
  return Object.entries(objectAt(resources, 'requests')).flatMap(([resource, request]) => {
    const limit = own(limits, resource)
    const [asked, most] = [amountOf(request), amountOf(limit)]
    if (asked === undefined || most === undefined || asked <= most) return []
    return [
      {
        path: `${path}.resources`,
        message: `requests ${resource} ${request}, which is above its limit ${limit}`,
        expected: 'requests that are at most the limits',
        fields: ['requests', 'limits'].map((side) => fieldOf(`${path}.resources.${side}`, resource)),
      },
    ]
  })
}

/** `nvidia.com/gpu` contains a dot. */
function fieldOf(path: string, key: string): string {
  return /[^A-Za-z0-9_-]/.test(key) ? `${path}[${key}]` : `${path}.${key}`
}

function amountOf(value: unknown): bigint | undefined {
  return typeof value === 'string' || typeof value === 'number' ? quantityValue(value) : undefined
}

function validateHandlers({ item, path }: NamedItem): readonly PodProblem[] {
  const lifecycle = objectAt(item, 'lifecycle')
  return [
    ...PROBES.flatMap((key) => oneHandler(own(item, key), `${path}.${key}`, HANDLERS)),
    ...['postStart', 'preStop'].flatMap((key) =>
      oneHandler(own(lifecycle, key), `${path}.lifecycle.${key}`, HOOKS),
    ),
  ]
}

function oneHandler(value: unknown, path: string, kinds: readonly string[]): readonly PodProblem[] {
  if (!isJsonObject(value)) return []
  const found = kinds.filter((kind) => isObject(own(value, kind)))
  if (found.length === 1) return []
  return [
    {
      path,
      message: found.length === 0 ? 'has no handler' : `has ${listed(found)}`,
      expected: `one of ${listed(kinds)}`,
    },
  ]
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function validateEscalation({ item, path }: NamedItem): readonly PodProblem[] {
  const context = objectAt(item, 'securityContext')
  if (own(context, 'allowPrivilegeEscalation') !== false || own(context, 'privileged') !== true) return []
  return [
    {
      path: `${path}.securityContext`,
      message: 'has privileged: true with allowPrivilegeEscalation: false',
      expected: 'not both',
      fields: [`${path}.securityContext.privileged`, `${path}.securityContext.allowPrivilegeEscalation`],
    },
  ]
}

/** Of an init container that does not keep running. */
export function validateInitContainer({ item, path }: NamedItem): readonly PodProblem[] {
  const policy = own(item, 'restartPolicy')
  if (policy === 'Always') return []
  return [...PROBES, 'lifecycle']
    .filter((key) => isObject(own(item, key)))
    .map((key) => ({
      path: `${path}.${key}`,
      message: 'is not allowed for an init container that does not keep running',
      expected: `no ${key}, or restartPolicy: Always`,
    }))
}
