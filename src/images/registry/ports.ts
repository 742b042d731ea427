// What the registry client needs of the world outside, as arguments: a clock, chance, sleep, names, and who is allowed.
import type { Result } from '../../base/result.ts';
import type { ImageFault } from '../model.ts';
import type { Login } from './registry.ts';

export type HostAddress = { readonly address: string; readonly family: 4 | 6 };

export type RegistryPorts = {
  /** Milliseconds; only differences count. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Rejects with the signal's reason when that comes first. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  lookup(host: string): Promise<readonly HostAddress[]>;
  /** Whether any policy has to do with images of this registry (`docker.io`); one that none names is never contacted. */
  allowed(registry: string): boolean;
  /**
   * Where a cloud gives the pod an identity: what it logs in to this registry with (null: nothing), asked when neither
   * the pod nor the operator has credentials for it. Whoever gives it keeps its own tokens. Nothing of ours does yet.
   */
  ambient?(registry: string, signal: AbortSignal): Promise<Result<Login | null, ImageFault>>;
};
