import type { Endpoint } from 'comlink';

/** The functions of Node's ports for listeners, besides those of the web. */
interface NodePort {
  on(type: string, listener: (data: unknown) => void): void;
  off(type: string, listener: (data: unknown) => void): void;
}

type Listener = (event: { readonly data: unknown }) => void;

/**
 * The endpoint for comlink: the port or, in Node, an adapter that passes on messages without a
 * `MessageEvent`. The first `MessageEvent` in a thread loads Node's web client, which is half of
 * the time from starting a worker to its first answer. comlink does not close an adapter: the owner
 * of the port closes the port.
 */
export function endpointOf(port: MessagePort): Endpoint {
  if (!isNodePort(port)) return port;
  const nodeListeners = new Map<unknown, (data: unknown) => void>();
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer ?? []),
    addEventListener(type, listener) {
      const onData = (data: unknown) => (listener as unknown as Listener)({ data });
      nodeListeners.set(listener, onData);
      port.on(type, onData);
    },
    removeEventListener(type, listener) {
      const onData = nodeListeners.get(listener);
      nodeListeners.delete(listener);
      if (onData) port.off(type, onData);
    },
  };
}

/**
 * Whether a port has Node's functions. Deno's own `on` is not used, because it searches every
 * received array for ports.
 */
function isNodePort(port: MessagePort): port is MessagePort & NodePort {
  return 'on' in port && 'off' in port && !Object.hasOwn(port, 'on');
}
