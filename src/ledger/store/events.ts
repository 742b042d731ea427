// What the ledger tells whoever runs it, for logs and metrics.
import type { SegmentWhy } from '../format/kinds.ts';

export type LedgerEvent =
  /** One write and one sync. */
  | {
      readonly kind: 'synced';
      readonly ms: number;
      readonly records: number;
      readonly bytes: number;
    }
  | { readonly kind: 'segment'; readonly name: string; readonly why: SegmentWhy }
  | { readonly kind: 'fault'; readonly cause: string }
  | { readonly kind: 'compressed'; readonly name: string }
  | { readonly kind: 'removed'; readonly names: readonly string[] }
  /** Nothing is lost, but something that was to be done is not: it is tried again. */
  | { readonly kind: 'trouble'; readonly what: string; readonly cause: string };

export type Tell = (event: LedgerEvent) => void;
