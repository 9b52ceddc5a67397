/** The part of autocannon's interface that the benchmark uses; autocannon has no types. */
declare module 'autocannon' {
  interface Request {
    readonly body?: string
  }
  interface Options {
    readonly url: string
    readonly method: 'POST'
    readonly headers: { readonly [name: string]: string }
    readonly body?: string
    /** Taken in turn; `setupRequest` is called before each time that one is sent. */
    readonly requests?: readonly { readonly setupRequest: (request: Request) => Request }[]
    readonly connections: number
    readonly duration: number
    readonly tlsOptions: { readonly ca: string; readonly servername: string }
  }
  interface Result {
    /** Milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number }
    readonly requests: { readonly total: number }
    /** Seconds. */
    readonly duration: number
    readonly '2xx': number
    readonly non2xx: number
    readonly errors: number
  }
  export default function autocannon(options: Options): Promise<Result>
}
