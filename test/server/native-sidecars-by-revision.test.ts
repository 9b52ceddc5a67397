/**
 * Control planes differ in their environment: one server injects two revisions with opposite settings in
 * alternation.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { applyPatch } from '../../src/jsonpatch/index.ts'
import { serveFolder } from './serve-folder.ts'

const example = resolve(import.meta.dirname, '../../examples/canary-upgrade')

/** The list of the pod's spec that holds the proxy. */
function placeOfProxy(pod: JsonValue): string | undefined {
  const spec = isObject(pod) ? own(pod, 'spec') : undefined
  return ['containers', 'initContainers'].find((list) => {
    const containers = isObject(spec) ? own(spec, list) : undefined
    return Array.isArray(containers) && containers.some(isProxy)
  })
}

function isProxy(container: JsonValue): boolean {
  return isObject(container) && own(container, 'name') === 'istio-proxy'
}

t.test('one server injects two revisions with opposite native-sidecar settings', async (t) => {
  const { post } = await serveFolder(t, join(example, 'cluster'), [
    ...['--istiod-env', 'default:ENABLE_NATIVE_SIDECARS=true'],
    ...['--istiod-env', 'canary:ENABLE_NATIVE_SIDECARS=false'],
  ])
  const body = readFileSync(join(example, 'reviews/01-test-ns-web-deployment.json'), 'utf8')
  const review: { readonly request: { readonly object: JsonObject } } = JSON.parse(body)
  const askOf = async (revision: string): Promise<string | undefined> => {
    const got = await post(`/revisions/${revision}/inject`, body)
    const { response }: { readonly response: { readonly patch: string } } = JSON.parse(got.text)
    const patch = JSON.parse(Buffer.from(response.patch, 'base64').toString())
    return placeOfProxy(applyPatch(review.request.object, patch))
  }
  const places = await Promise.all(['default', 'canary', 'default', 'canary'].map(askOf))
  t.same(places, ['initContainers', 'containers', 'initContainers', 'containers'])
})
