/** The webhooks that the chart renders, compared with those of Istio's charts. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { findCorpus, skipWithoutCorpus } from '../shared-corpus.ts'
import { at, helmMissing, listAt, render, textAt } from './helm.ts'
import { called, KIND, labelsMap, prefixes } from './webhooks.ts'

const corpus = findCorpus('selectors/selectors.json') ?? ''

t.test(
  "the selectors of the chart agree with those of Istio's charts",
  { skip: helmMissing || skipWithoutCorpus('selectors/selectors.json') },
  async (t) => {
    const installs: JsonValue = JSON.parse(readFileSync(corpus, 'utf8'))
    for (const install of Array.isArray(installs) ? installs.filter(isObject) : []) {
      const configurations = listAt(install, 'mutatingWebhookConfigurations')
      const flags: JsonValue[] = []
      const given = own(install, 'flags')
      if (Array.isArray(given)) flags.push(...given)
      const revisions: JsonObject[] = []
      const tags: JsonObject[] = []
      let namespace = 'istio-system'
      for (const configuration of configurations) {
        const labels = at(configuration, 'metadata', 'labels')
        const revision = textAt(labels, 'istio.io/rev')
        const tag = at(labels, 'istio.io/tag')
        namespace = textAt(configuration, 'webhooks', 0, 'clientConfig', 'service', 'namespace')
        if (typeof tag === 'string') tags.push({ name: tag, revision, active: true })
        else revisions.push({ name: revision, active: true })
      }
      const enableNamespacesByDefault = flags.some((flag) =>
        String(flag).endsWith('enableNamespacesByDefault=true'),
      )
      const objects = render({
        values: {
          revisions,
          tags,
          istioNamespace: namespace,
          registration: { names: 'istio', enableNamespacesByDefault },
        },
      }).all(KIND)
      t.same(
        objects.map((object) => [textAt(object, 'metadata', 'name'), prefixes(object)]).sort(),
        configurations
          .filter(isObject)
          .map((object) => [textAt(object, 'metadata', 'name'), prefixes(object)])
          .sort(),
        `${textAt(install, 'install')}: the same configurations and webhooks`,
      )
      const wrong = listAt(install, 'rows').filter((row) => {
        const labels = (key: string): ReadonlyMap<string, string> => {
          const found = at(row, key)
          return labelsMap(isObject(found) ? found : {})
        }
        const found = called(objects, labels('namespaceLabels'), labels('podLabels'))
        return JSON.stringify(found) !== JSON.stringify(listAt(row, 'webhooks'))
      })
      t.same(wrong, [], `${textAt(install, 'install')}: ${listAt(install, 'rows').length} rows`)
    }
  },
)
