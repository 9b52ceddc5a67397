/**
 * Corpus kind `selectors`: which webhook the API server calls for namespace and pod labels. The facts of each
 * installation are discovered from its MutatingWebhookConfigurations, with an injector ConfigMap for every revision
 * that they serve. The decision is named like the webhook in Istio's chart.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decideRevision, type RevisionFacts } from '../../src/inject/index.ts'
import { discoverRevisions } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import type { CaseResult, Suite, SuiteOptions } from './suite.ts'

interface Labels {
  readonly [key: string]: string
}
interface WebhookConfiguration extends JsonObject {
  readonly metadata: { readonly name: string; readonly labels?: Labels }
  readonly webhooks: readonly {
    readonly name: string
    readonly clientConfig: { readonly service: { readonly namespace: string } }
  }[]
}
interface Install {
  readonly install: string
  readonly mutatingWebhookConfigurations: readonly WebhookConfiguration[]
  readonly rows: readonly {
    readonly namespaceLabels: Labels
    readonly podLabels: Labels
    readonly webhooks: readonly string[]
  }[]
}

export const suite: Suite = {
  kind: 'selectors',
  *run(folder: string, options: SuiteOptions): Iterable<CaseResult> {
    const installs: readonly Install[] = JSON.parse(readFileSync(join(folder, 'selectors.json'), 'utf8'))
    for (const install of installs) yield* runInstall(install, options)
  },
}

function* runInstall(install: Install, options: SuiteOptions): Iterable<CaseResult> {
  const namespaces = serviceNamespaces(install)
  const facts = factsOf(install)
  for (const [index, row] of install.rows.entries()) {
    const id = `${install.install}/${index}`
    if (options.caseId !== undefined && options.caseId !== id) continue
    const decision = decideRevision(
      {
        target: { by: 'labels' },
        namespaceLabels: new Map(Object.entries(row.namespaceLabels)),
        podLabels: row.podLabels,
      },
      facts,
    )
    const expected = row.webhooks.join(', ')
    let found = ''
    if (decision.kind === 'revision') {
      const { revision, tag, webhook } = decision.decided
      const name = configurationName(revision, tag, namespaces.get(revision) ?? 'istio-system')
      found = `${name}/${webhook}.sidecar-injector.istio.io`
    }
    const passed = found === expected && decision.kind !== 'fault'
    const detail = `labels    ${JSON.stringify(row.namespaceLabels)} ${JSON.stringify(row.podLabels)}\nexpected  ${expected}\nfound     ${found} ${JSON.stringify(decision)}`
    yield passed ? { id, passed } : { id, passed, detail }
  }
}

/** As the chart names them (and `istioctl tag` does). */
function configurationName(revision: string, tag: string | undefined, namespace: string): string {
  const base =
    tag !== undefined
      ? `istio-revision-tag-${tag}`
      : revision === 'default'
        ? 'istio-sidecar-injector'
        : `istio-sidecar-injector-${revision}`
  return namespace === 'istio-system' ? base : `${base}-${namespace}`
}

function revisionLabel(configuration: WebhookConfiguration): string {
  return configuration.metadata.labels?.['istio.io/rev'] ?? 'default'
}

function serviceNamespaces(install: Install): ReadonlyMap<string, string> {
  return new Map(install.mutatingWebhookConfigurations.map((c) => [revisionLabel(c), serviceNamespace(c)]))
}

function serviceNamespace(configuration: WebhookConfiguration): string {
  return configuration.webhooks[0]?.clientConfig.service.namespace ?? 'istio-system'
}

function factsOf(install: Install): RevisionFacts {
  const owners = install.mutatingWebhookConfigurations.filter(
    (c) => c.metadata.labels?.['istio.io/tag'] === undefined,
  )
  const discovery = discoverRevisions({
    configMaps: owners.map((owner) => injectorConfigMap(revisionLabel(owner), serviceNamespace(owner))),
    deployments: [],
    services: [],
    webhookConfigurations: install.mutatingWebhookConfigurations,
  })
  return {
    revisions: new Map([...discovery.revisions.keys()].map((name) => [name, { config: true }])),
    tags: discovery.tags,
    enableNamespacesByDefault: discovery.enableNamespacesByDefault ?? false,
  }
}

function injectorConfigMap(revision: string, namespace: string): JsonObject {
  const name = `istio-sidecar-injector${revision === 'default' ? '' : `-${revision}`}`
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { 'istio.io/rev': revision } },
    data: { config: 'policy: enabled', values: '{}' },
  }
}
