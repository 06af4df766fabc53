// One HTTP(S) request and the beginning of its answer, directly or through a proxy.
import { Buffer } from 'node:buffer'
import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect, type SecureContext } from 'node:tls'
import type { AddressGuard } from './net/address-guard.ts'
import { decodePercent } from '../util/percent.ts'

export type Transfer = {
  method: 'GET' | 'HEAD'
  headers: Readonly<Record<string, string>>
  proxy: URL | undefined
  // Must the certificate be one to believe?
  isChecked: boolean
  // For https URLs.
  context: SecureContext | undefined
  signal: AbortSignal
  // What must not be connected to. Behind a proxy it is the proxy that resolves names.
  guard: AddressGuard
}

// As long as Helm itself waits for a silent server.
const silenceMs = 30_000

/** Sends a request without content; resolves with the head of the answer. The signal ends the reading of the body too. */
export async function startTransfer(url: URL, transfer: Transfer): Promise<IncomingMessage> {
  const { method, proxy, context, signal, guard, isChecked: rejectUnauthorized } = transfer
  guard.check(url.hostname)
  const { lookup } = guard
  const headers = { ...transfer.headers, host: url.host }
  if (url.protocol === 'http:') {
    if (!proxy) return await sendRequest(plainRequest, url, { method, headers, signal, lookup })
    // A proxy is asked for the whole URL.
    const path = url.href
    const own = { ...headers, ...proxyAuthorization(proxy) }
    return await sendRequest(plainRequest, proxy, { method, headers: own, path, signal })
  }
  const tls = { secureContext: context, rejectUnauthorized }
  if (!proxy)
    return await sendRequest(secureRequest, url, { method, headers, signal, lookup, ...tls })
  const socket = await openTunnel(url, proxy, signal)
  // An address is no server name, but its certificate is checked all the same.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const servername = isIP(host) ? '' : host
  const createConnection = (): Socket => connect({ socket, host, servername, ...tls })
  return await sendRequest(secureRequest, url, { method, headers, signal, createConnection })
}

/** A connection to the host of a URL through an HTTP proxy. */
export function openTunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`
  return new Promise((resolve, reject) => {
    const request = proxy.protocol === 'https:' ? secureRequest : plainRequest
    const connecting = request(proxy, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      agent: false,
      signal,
    })
    connecting.setTimeout(silenceMs, () => connecting.destroy(silence()))
    connecting.on('error', reject)
    connecting.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(Object.assign(new Error(), { code: `proxy answers ${statusCode}` }))
    })
    connecting.end()
  })
}

function sendRequest(
  request: typeof plainRequest,
  url: URL,
  options: RequestOptions & {
    secureContext?: SecureContext | undefined
    rejectUnauthorized?: boolean
  },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sending = request(url, options.createConnection ? options : { ...options, agent: false })
    sending.setTimeout(silenceMs, () => sending.destroy(silence()))
    sending.on('error', reject)
    sending.on('response', resolve)
    sending.end()
  })
}

function silence(): Error {
  return Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const pair = `${decodePercent(username)}:${decodePercent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
