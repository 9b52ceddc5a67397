/**
 * Kubernetes' Pod Security Standards for single pods, as the PodSecurity admission applies the newest version of them
 * (k8s.io/pod-security-admission, 1.25 to 1.36).
 */
import { isObject, type JsonObject, type JsonValue, own } from '../../json/index.ts'
import { listAt, objectAt, specOf, textAt } from '../typed-pod.ts'
import { itemsOf, type NamedItem } from './pod-problem.ts'

export const POD_SECURITY_LEVELS = ['privileged', 'baseline', 'restricted'] as const
export type PodSecurityLevel = (typeof POD_SECURITY_LEVELS)[number]

/** A control that the pod violates. */
export interface SecurityViolation {
  /** `container istio-init`, or `the pod`. */
  readonly who: string
  /** `adds the capabilities NET_ADMIN and NET_RAW`. */
  readonly what: string
}

/** Empty if the pod is allowed. */
export function violationsOf(level: PodSecurityLevel, pod: JsonObject): readonly SecurityViolation[] {
  if (level === 'privileged') return []
  const spec = specOf(pod)
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    itemsOf(spec, list, 'spec'),
  )
  const baseline = [...baselineOfPod(spec), ...containers.flatMap(baselineOfContainer)]
  if (level === 'baseline') return baseline
  return [
    ...baseline,
    ...restrictedVolumes(spec),
    ...containers.flatMap((container) => restrictedContainer(container, objectAt(spec, 'securityContext'))),
  ]
}

/** Violations that a change has added. */
export function newViolations(
  level: PodSecurityLevel,
  before: JsonObject,
  after: JsonObject,
): readonly SecurityViolation[] {
  const known = new Set(violationsOf(level, before).map(({ who, what }) => `${who} ${what}`))
  return violationsOf(level, after).filter(({ who, what }) => !known.has(`${who} ${what}`))
}

const THE_POD = 'the pod'
const BASELINE_CAPABILITIES: ReadonlySet<JsonValue> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])
const SELINUX_TYPES: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
])
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

function baselineOfPod(spec: JsonObject): readonly SecurityViolation[] {
  const context = objectAt(spec, 'securityContext')
  const found: string[] = ['hostNetwork', 'hostPID', 'hostIPC']
    .filter((key) => own(spec, key) === true)
    .map((key) => `sets ${key}`)
  for (const { item, name } of itemsOf(spec, 'volumes', 'spec'))
    if (isObject(own(item, 'hostPath'))) found.push(`has the hostPath volume ${name}`)
  for (const sysctl of listAt(context, 'sysctls').filter(isObject))
    if (!SAFE_SYSCTLS.has(textAt(sysctl, 'name'))) found.push(`sets the sysctl ${textAt(sysctl, 'name')}`)
  found.push(...baselineOfContext(context))
  return found.map((what) => ({ who: THE_POD, what }))
}

/** Fields that a pod and a container have in common. */
function baselineOfContext(context: JsonObject): readonly string[] {
  const found: string[] = []
  if (textAt(objectAt(context, 'seccompProfile'), 'type') === 'Unconfined')
    found.push('sets the seccomp profile Unconfined')
  if (textAt(objectAt(context, 'appArmorProfile'), 'type') === 'Unconfined')
    found.push('sets the AppArmor profile Unconfined')
  const linux = objectAt(context, 'seLinuxOptions')
  if (
    !SELINUX_TYPES.has(textAt(linux, 'type')) ||
    textAt(linux, 'user') !== '' ||
    textAt(linux, 'role') !== ''
  )
    found.push('sets seLinuxOptions')
  if (own(objectAt(context, 'windowsOptions'), 'hostProcess') === true)
    found.push('sets windowsOptions.hostProcess')
  return found
}

function baselineOfContainer({ item, name }: NamedItem): readonly SecurityViolation[] {
  const context = objectAt(item, 'securityContext')
  const added = capabilities(context, 'add').filter((capability) => !BASELINE_CAPABILITIES.has(capability))
  const found = [...baselineOfContext(context)]
  if (own(context, 'privileged') === true) found.push('is privileged')
  if (added.length > 0) found.push(`adds ${added.join(', ')}`)
  const procMount = textAt(context, 'procMount')
  if (procMount !== '' && procMount !== 'Default') found.push(`sets procMount ${procMount}`)
  const hostPorts = listAt(item, 'ports')
    .filter(isObject)
    .map((port) => own(port, 'hostPort'))
    .filter((port) => typeof port === 'number' && port !== 0)
  if (hostPorts.length > 0) found.push(`uses hostPort ${hostPorts.join(', ')}`)
  return found.map((what) => ({ who: `container ${name}`, what }))
}

function capabilities(context: JsonObject, list: 'add' | 'drop'): readonly JsonValue[] {
  return listAt(objectAt(context, 'capabilities'), list)
}

const RESTRICTED_VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

function restrictedVolumes(spec: JsonObject): readonly SecurityViolation[] {
  return itemsOf(spec, 'volumes', 'spec').flatMap(({ item, name }) =>
    Object.keys(item)
      .filter((key) => isObject(own(item, key)) && !RESTRICTED_VOLUMES.has(key) && key !== 'hostPath')
      .map((key) => ({ who: THE_POD, what: `has the ${key} volume ${name}` })),
  )
}

/** What a container does not set itself, the pod's context may set for it. */
function restrictedContainer({ item, name }: NamedItem, ofPod: JsonObject): readonly SecurityViolation[] {
  const context = objectAt(item, 'securityContext')
  const found: string[] = []
  if (own(context, 'allowPrivilegeEscalation') !== false)
    found.push('does not set allowPrivilegeEscalation: false')
  if (!capabilities(context, 'drop').includes('ALL')) found.push('does not drop all capabilities')
  const added = capabilities(context, 'add').filter((capability) => capability !== 'NET_BIND_SERVICE')
  const restricted = added.filter((capability) => BASELINE_CAPABILITIES.has(capability))
  if (restricted.length > 0) found.push(`adds ${restricted.join(', ')}`)
  if ((own(context, 'runAsNonRoot') ?? own(ofPod, 'runAsNonRoot')) !== true)
    found.push('does not set runAsNonRoot: true')
  if (own(context, 'runAsUser') === 0) found.push('runs as user 0')
  const seccomp = own(context, 'seccompProfile') ?? own(ofPod, 'seccompProfile')
  const profile = isObject(seccomp) ? textAt(seccomp, 'type') : ''
  if (profile !== 'RuntimeDefault' && profile !== 'Localhost' && profile !== 'Unconfined')
    found.push('has no seccomp profile')
  return found.map((what) => ({ who: `container ${name}`, what }))
}
