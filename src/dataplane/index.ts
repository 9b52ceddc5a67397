/** Compares running pods with what a new pod would get: the interface for other packages. */
export { assessPod, type DesiredSource, isFinished } from './assess.ts'
export type { Assessment } from './assessment.ts'
export { comparePod } from './compare-pod.ts'
export { findGone, type GoneControlPlane } from './control-plane.ts'
export { type Desired, desiredRevision, findDesired } from './desired.ts'
export { readEarlierInjection, wasInjected } from './earlier-injection.ts'
export {
  compareSidecars,
  discoveryService,
  type ExistingSidecar,
  readInjected,
  readSidecar,
  type SidecarDifference,
} from './existing-sidecar.ts'
export type { LedgerFacts, WebhookFacts } from './facts.ts'
export type { Injection } from './injection.ts'
export {
  countStates,
  Ledger,
  type NextPod,
  type PairSum,
  type PodEntry,
  type RestartFacts,
  sumPairs,
  type WorkloadEntry,
} from './ledger.ts'
export { findMadeFrom, type MadeFrom, podFromTemplate } from './made-from.ts'
export * from './pod-state.ts'
export { proxyAddresses } from './proxy-addresses.ts'
export { gatewayRevision, type ProxyKind, proxyKindOf } from './proxy-kind.ts'
export { creationMs, writtenMs } from './times.ts'
export { undoInjection } from './undo-injection.ts'
export {
  controllerOf,
  nameOf,
  templateOf,
  type WorkloadName,
  WorkloadObjects,
  workloadKey,
} from './workload-objects.ts'
