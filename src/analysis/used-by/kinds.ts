/** All kinds of dependants, in the order of reports: what runs, what asks for it, what leads to it, what brings it back. */
import type { DependantKind } from './dependant.ts'
import { gatewayObjects } from './gateway-objects.ts'
import { operators, registrations, rollouts } from './installers.ts'
import { istioConfiguration } from './istio-configuration.ts'
import { namespaceLabels, podLabels } from './labels.ts'
import { workloadEntries, workloadGroups } from './machines.ts'
import { gateways, pods, waypoints, workloads, ztunnels } from './pods.ts'
import { defaultRevision, services, tags } from './services.ts'
import { mutatingWebhooks, validatingWebhooks } from './webhooks.ts'

export const DEPENDANT_KINDS: readonly DependantKind[] = [
  pods,
  gateways,
  waypoints,
  ztunnels,
  workloads,
  namespaceLabels,
  podLabels,
  tags,
  defaultRevision,
  validatingWebhooks,
  mutatingWebhooks,
  services,
  gatewayObjects,
  istioConfiguration,
  workloadGroups,
  workloadEntries,
  operators,
  registrations,
  rollouts,
]
