/** Requests to the API server as cluster-admin from this process: kubectl would block the forwarders that run in it. */
import { Agent, request } from 'node:https'
import type { ControlPlane } from '../control-plane.ts'

export interface Api {
  send(method: string, path: string, type: string, body: unknown): Promise<ApiAnswer>
  close(): void
}

export interface ApiAnswer {
  /** 0 where there was no answer. */
  readonly status: number
  readonly body: string
}

interface ClientConfig {
  readonly clusters: readonly { readonly cluster: { readonly 'certificate-authority-data'?: string } }[]
  readonly users: readonly { readonly user: { readonly token?: string } }[]
}

export function connectApi({ kubectl, url }: ControlPlane): Api {
  // As kubectl prints it.
  const config = JSON.parse(kubectl.run('config', 'view', '--raw', '--flatten', '-o', 'json')) as ClientConfig
  const decode = (text = ''): string => Buffer.from(text, 'base64').toString()
  const agent = new Agent({
    keepAlive: true,
    ca: decode(config.clusters[0]?.cluster['certificate-authority-data']),
  })
  const authorization = `Bearer ${config.users[0]?.user.token ?? ''}`
  return {
    send: (method, path, type, body) =>
      new Promise((resolve) => {
        const options = { method, agent, headers: { 'content-type': type, authorization } }
        const sent = request(`${url}${path}`, options, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
        })
        sent.on('error', (error) => resolve({ status: 0, body: String(error) })).end(JSON.stringify(body))
      }),
    close: () => agent.destroy(),
  }
}
