/**
 * The one list of rules, in the order of the report. To add a rule: a file in the folder of its subject, a row here, a row
 * in the tables of codes for each new code, and a line in docs/check.md.
 */
import {
  caBundleMissing,
  caBundleOfIstiod,
  caBundleOfServing,
  caBundleValid,
} from './certificate/ca-bundle.ts'
import { clusterProblems } from './cluster/cluster-problems.ts'
import { ignoredDefinitions } from './cluster/ignored-definitions.ts'
import { kindsNotJudged } from './cluster/kinds-not-judged.ts'
import { manifestTexts } from './cluster/manifest-texts.ts'
import { tagsRule } from './cluster/tags.ts'
import { whatIsKnown } from './cluster/what-is-known.ts'
import { builtInPodsRule } from './configuration/built-in-trials.ts'
import { cniInstalled } from './configuration/cni.ts'
import { configurationRule } from './configuration/configuration.ts'
import { configurationTexts } from './configuration/configuration-texts.ts'
import { controlPlaneAddresses } from './configuration/control-plane-addresses.ts'
import { meshRule } from './configuration/mesh.ts'
import { namespacesByDefault } from './configuration/namespaces-by-default.ts'
import { revisionCalled } from './configuration/revision-called.ts'
import { selectorsRule } from './configuration/selectors.ts'
import { templateFields } from './configuration/template-fields.ts'
import { unusedTemplates } from './configuration/unused-templates.ts'
import { valuesRule } from './configuration/values.ts'
import { versionsRule } from './configuration/versions.ts'
import { namespaceQuota } from './namespace/namespace-quota.ts'
import { namespaceSettings } from './namespace/namespace-settings.ts'
import { namespaceLabels } from './namespace/namespaces.ts'
import { switchedOff } from './namespace/switched-off.ts'
import { systemNamespaces } from './namespace/system-namespace.ts'
import { controlPlaneGone } from './pod/control-plane-gone.ts'
import { restartChanges } from './pod/restart.ts'
import type { Rule } from './rule.ts'
import type { SubjectType } from './subject.ts'
import { afterInjector } from './webhook/after-injector.ts'
import { externalRevision } from './webhook/external-revision.ts'
import { webhookEndpoints, webhookPorts, webhookReplicas } from './webhook/webhook-service.ts'
import { webhookTargets } from './webhook/webhook-targets.ts'
import { annotationObjects } from './workload/annotation-objects.ts'
import { annotationValues } from './workload/annotation-values.ts'
import { placeholderOfPod, placeholderOfWorkload } from './workload/image-placeholder.ts'
import { kubernetesValidation } from './workload/kubernetes-validation.ts'
import { workloadLabels } from './workload/labels.ts'
import { manifestFields } from './workload/manifest-fields.ts'
import { mergedContainers } from './workload/merged-containers.ts'
import { misplacedSettings } from './workload/misplaced-settings.ts'
import { nativeSidecarNodes } from './workload/native-sidecar-nodes.ts'
import { ordinarySidecars } from './workload/ordinary-sidecars.ts'
import { podSecurity } from './workload/pod-security.ts'
import { reservedForProxy } from './workload/reserved-for-proxy.ts'
import { limitRanges, resourceQuotas } from './workload/resource-limits.ts'
import { serverDryRun } from './workload/server-dry-run.ts'
import { unknownNamespace } from './workload/unknown-namespace.ts'
import { windowsPods } from './workload/windows.ts'
import { workloadTrials } from './workload/workload-trials.ts'

/** A rule of any one type of subject. */
export type AnyRule = { readonly [T in SubjectType]: Rule<T> }[SubjectType]

export const rules: readonly AnyRule[] = [
  clusterProblems,
  ignoredDefinitions,
  configurationRule,
  versionsRule,
  valuesRule,
  meshRule,
  selectorsRule,
  templateFields,
  configurationTexts,
  manifestTexts,
  whatIsKnown,
  kindsNotJudged,
  controlPlaneAddresses,
  cniInstalled,
  unusedTemplates,
  tagsRule,
  webhookTargets,
  webhookPorts,
  webhookReplicas,
  webhookEndpoints,
  caBundleMissing,
  caBundleValid,
  caBundleOfServing,
  caBundleOfIstiod,
  namespacesByDefault,
  systemNamespaces,
  externalRevision,
  afterInjector,
  revisionCalled,
  namespaceLabels,
  switchedOff,
  namespaceSettings,
  namespaceQuota,
  builtInPodsRule,
  unknownNamespace,
  workloadLabels,
  workloadTrials,
  placeholderOfWorkload,
  placeholderOfPod,
  controlPlaneGone,
  restartChanges,
  kubernetesValidation,
  nativeSidecarNodes,
  windowsPods,
  podSecurity,
  limitRanges,
  resourceQuotas,
  serverDryRun,
  reservedForProxy,
  mergedContainers,
  misplacedSettings,
  manifestFields,
  annotationObjects,
  annotationValues,
  ordinarySidecars,
]
