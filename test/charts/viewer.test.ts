/** The ClusterRole for people and pipelines that use the commands with `--cluster live`. */
import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { groupOf, OBJECT_KINDS } from '../../src/kube/index.ts'
import { at, helmMissing, listAt, render } from './helm.ts'

const ROLE = 'remora-remora-system-viewer'

/** `get configmaps.`, `list deployments.apps`. */
function granted(role: JsonObject): readonly string[] {
  const words = (rule: JsonObject, key: string) => listAt(rule, key).map(String)
  return (at(role, 'rules') as readonly JsonObject[]).flatMap((rule) =>
    words(rule, 'verbs').flatMap((verb) =>
      words(rule, 'apiGroups').flatMap((group) =>
        words(rule, 'resources').map((resource) => `${verb} ${resource}.${group}`),
      ),
    ),
  )
}

t.test(
  'the viewer may get and list every kind that the commands read, and nothing else',
  { skip: helmMissing },
  async (t) => {
    const read = Object.values(OBJECT_KINDS).flatMap(({ plural, apiVersion }) =>
      ['get', 'list'].map((verb) => `${verb} ${plural}.${groupOf(apiVersion)}`),
    )
    const role = render({ values: { rbac: { viewer: true } } }).one('ClusterRole', ROLE)
    t.same([...granted(role)].sort(), [...new Set(read)].sort())
    t.notMatch(JSON.stringify(role), /secrets|"\*"/)
  },
)

t.test('only the value creates that role', { skip: helmMissing }, async (t) => {
  t.notOk(named(render().all('ClusterRole')).includes(ROLE))
  const values = { rbac: { create: false, viewer: true } }
  t.ok(named(render({ values }).all('ClusterRole')).includes(ROLE), 'the other roles may be created by hand')
})

function named(objects: readonly JsonObject[]) {
  return objects.map((object) => at(object, 'metadata', 'name'))
}
