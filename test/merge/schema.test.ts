import t from 'tap'
import { allTypes, lookupType } from '../../src/merge/index.ts'

t.test('fields are in the order of Go’s declarations, with embedded structs in place', async (t) => {
  const names = lookupType('Volume')?.fields.slice(0, 4)
  t.match(names, [
    { name: 'name', goName: 'Name', embeddedIn: [] },
    { name: 'hostPath', goName: 'HostPath', embeddedIn: ['VolumeSource'], pointer: true },
    { name: 'emptyDir', type: { kind: 'struct', goType: 'v1.EmptyDirVolumeSource' } },
    { name: 'gcePersistentDisk', goName: 'GCEPersistentDisk' },
  ])
})

t.test('merge keys and strategies agree with the struct tags', async (t) => {
  const spec = lookupType('PodSpec')
  t.match(spec?.byName.get('volumes'), { merges: true, retainsKeys: true, mergeKey: 'name' })
  t.match(spec?.byName.get('containers'), {
    merges: true,
    retainsKeys: false,
    mergeKey: 'name',
    omitEmpty: false,
  })
  t.match(spec?.byName.get('tolerations'), { merges: false, mergeKey: undefined })
  t.match(lookupType('ObjectMeta')?.byName.get('finalizers'), { merges: true, mergeKey: undefined })
  t.match(lookupType('ObjectMeta')?.byName.get('creationTimestamp'), { omitZero: true, pointer: false })
})

t.test('named types keep their Go name and their underlying type', async (t) => {
  t.match(lookupType('ContainerPort')?.byName.get('protocol')?.type, {
    kind: 'scalar',
    goType: 'v1.Protocol',
    scalar: 'string',
  })
  t.match(lookupType('ResourceRequirements')?.byName.get('limits')?.type, {
    kind: 'map',
    goType: 'v1.ResourceList',
    elem: { kind: 'special', special: 'quantity' },
  })
})

t.test('unknown names and names of the prototype are not types', async (t) => {
  t.equal(lookupType('Nope'), undefined)
  t.equal(lookupType('constructor'), undefined)
  t.equal(lookupType('Pod')?.byName.get('__proto__'), undefined)
})

t.test('every struct occurs exactly once', async (t) => {
  const all = [...allTypes()]
  t.equal(all[0]?.name, 'Pod')
  t.ok(all.length > 120)
  t.ok(all.every((type) => type.fields.length > 0 && lookupType(type.name) === type))
})
