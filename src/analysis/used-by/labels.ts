/** Labels of namespaces, pod templates and bare pods that take effect and ask for the revision or tag. */
import { INJECT_LABEL, INJECTION_LABEL, REVISION_LABEL, WORKLOAD_KINDS } from '../../kube/index.ts'
import { askedBy, askedByWorkload } from './asked.ts'
import { type DependantKind, dependant, objectName } from './dependant.ts'
import { reach } from './subject.ts'

export const namespaceLabels: DependantKind = {
  id: 'namespace-labels',
  one: 'namespace label',
  many: 'namespace labels',
  effect:
    'New pods of these namespaces start without a sidecar, or are refused while a webhook still calls it.',
  fix: '`kubectl label namespace NAME istio-injection- istio.io/rev=OTHER --overwrite`, then restart their workloads.',
  needs: ['namespace'],
  find: (subject, { snapshot }) =>
    [...snapshot.namespaces].flatMap(([name, { labels }]) => {
      const asked = askedBy(labels, {}, snapshot)
      if (asked === undefined || asked.webhook === 'auto') return []
      const reached = reach(subject, asked.name, snapshot)
      if (reached === undefined) return []
      const label =
        asked.webhook === 'namespace' ? `${INJECTION_LABEL}=enabled` : `${REVISION_LABEL}=${asked.name}`
      return [dependant(objectName('Namespace', { name }), label)]
    }),
}

export const podLabels: DependantKind = {
  id: 'pod-labels',
  one: 'pod label',
  many: 'pod labels',
  effect:
    'New pods with these labels start without a sidecar, or are refused while a webhook still calls it.',
  fix: 'Change the label in the pod template.',
  needs: [...WORKLOAD_KINDS, 'namespace'],
  find: (subject, { snapshot, workloads }) =>
    workloads.flatMap(({ entry: { workload }, object }) => {
      const asked = object === undefined ? undefined : askedByWorkload(object, snapshot)
      if (asked === undefined || !(asked.webhook === 'object' || asked.webhook === 'rev.object')) return []
      if (reach(subject, asked.name, snapshot) === undefined) return []
      const label = asked.webhook === 'object' ? `${INJECT_LABEL}=true` : `${REVISION_LABEL}=${asked.name}`
      return [dependant(objectName(workload.kind, workload), label)]
    }),
}
