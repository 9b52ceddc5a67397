/** The images of proxy and init container. */
import t from 'tap'
import { proxyImage, proxyInitImage } from '../../src/inject/proxy-image.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { revision } from './revision-fixture.ts'

function configOf(version: string, global: JsonObject = {}) {
  return revision({ version, values: { global: { hub: 'h', tag: '1.0', ...global } } })
}

t.test('the proxy image is built from name, tag and type', async (t) => {
  const rows: readonly (readonly [global: JsonObject, annotated: string | undefined, expected: string])[] = [
    [{}, undefined, 'h/proxyv2:1.0'],
    [{ proxy: { image: 'own' } }, undefined, 'h/own:1.0'],
    [{ variant: 'debug' }, undefined, 'h/proxyv2:1.0-debug'],
    [{ variant: 'debug' }, 'default', 'h/proxyv2:1.0'],
    [{ tag: '1.0-debug' }, 'distroless', 'h/proxyv2:1.0-distroless'],
    [{ tag: '1.0-distroless' }, 'default', 'h/proxyv2:1.0'],
    [{ tag: '1.0-distroless' }, '', 'h/proxyv2:1.0-distroless'],
    [{ tag: 2 }, undefined, 'h/proxyv2:2'],
  ]
  for (const [global, annotated, expected] of rows) {
    t.equal(proxyImage(configOf('1.30.0', global), undefined, annotated), expected)
  }
})

t.test('the combination of image type and variant changed twice', async (t) => {
  const image = (version: string, imageType: string | undefined) =>
    proxyImage(
      configOf(version, { variant: 'debug' }),
      imageType === undefined ? undefined : { imageType },
      undefined,
    )
  t.equal(image('1.21.0', undefined), 'h/proxyv2:1.0', 'no variant before 1.22')
  t.equal(image('1.30.0', ''), 'h/proxyv2:1.0', 'an empty type hides the variant until 1.30')
  t.equal(image('1.31.0', ''), 'h/proxyv2:1.0-debug')
  t.equal(image('1.31.0', 'distroless'), 'h/proxyv2:1.0-distroless')
})

t.test('the init container has an image of its own from 1.31 on', async (t) => {
  t.equal(proxyInitImage(configOf('1.31.0', { proxy_init: { image: 'init' } }), undefined), 'h/init:1.0')
  t.equal(proxyInitImage(configOf('1.31.0', { variant: 'debug' }), undefined), 'h/proxyv2:1.0-debug')
  t.equal(proxyInitImage(configOf('1.31.0'), 'distroless'), 'h/proxyv2:1.0-distroless')
})
