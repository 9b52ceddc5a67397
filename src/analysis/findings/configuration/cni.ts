/** The CNI plugin that the values enable: its DaemonSet prepares the traffic redirection of injected pods. */
import { findLine, isObject, type JsonValue, own } from '../../../json/index.ts'
import { metadataOf, textAt } from '../../../kube/index.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey, readYaml, usableConfig } from './texts.ts'

/** Istio 1.24+ reads pilot.cni; before, the chart read istio_cni. */
const SWITCHES = [
  ['pilot', 'cni', 'enabled'],
  ['istio_cni', 'enabled'],
] as const

export const cniInstalled: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['cni-not-installed'],
  needs: ['daemonset'],
  find({ revision }, facts) {
    const config = usableConfig(revision)
    const text = config?.inputs.injectorConfigMap.values ?? ''
    const path = SWITCHES.find((candidate) => valueAt(readYaml(text), candidate) === true)
    const installed = (facts.objects('daemonset') ?? []).some((daemonSet) =>
      textAt(metadataOf(daemonSet), 'name').includes('istio-cni'),
    )
    if (config === undefined || path === undefined || installed) return []
    const line = findLine(text, path)
    return [
      makeFinding('cni-not-installed', {
        revision: config.name,
        where: {
          ...placeOfKey(config.inputs, 'values'),
          path: path.join('.'),
          ...(line === undefined ? {} : { line }),
        },
        message: `${path.join('.')} is true, but there is no DaemonSet istio-cni-node`,
        expected: 'the DaemonSet of the chart cni',
      }),
    ]
  },
}

function valueAt(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let found: JsonValue | undefined = value
  for (const key of path) found = isObject(found) ? own(found, key) : undefined
  return found
}
