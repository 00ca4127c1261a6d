import type { Endpoint } from 'comlink';

/** How Node's ports take listeners besides the web's way. */
interface NodePort {
  on(type: string, listener: (data: unknown) => void): void;
  off(type: string, listener: (data: unknown) => void): void;
}

type Listener = (event: { readonly data: unknown }) => void;

/**
 * What comlink listens at: the port or, in Node, one that passes messages on without `MessageEvent`s. The first of those in a thread
 * loads Node's web client, half of what it takes to start a worker and have its first answer. comlink does not close the latter:
 * whoever made the port closes it.
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

/** Deno gives ports an `on` of their own, which looks for ports in every element of every array that comes. */
function isNodePort(port: MessagePort): port is MessagePort & NodePort {
  return 'on' in port && 'off' in port && !Object.hasOwn(port, 'on');
}
