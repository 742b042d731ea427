// The commands, one file each, in the order of the help.
import type { Command } from '../command.ts';
import { cel } from './cel.ts';
import { check } from './check.ts';
import { image } from './image.ts';
import { ledgerReport } from './ledger-report.ts';
import { ledgerShow } from './ledger-show.ts';
import { ledgerVerify } from './ledger-verify.ts';
import { serve } from './serve.ts';
import { test } from './test.ts';
import { webhook } from './webhook.ts';

export const commands: readonly Command[] = [
  serve,
  check,
  test,
  cel,
  image,
  webhook,
  ledgerVerify,
  ledgerShow,
  ledgerReport,
];
