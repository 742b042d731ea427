// The commands, one file each, in the order of the help.
import type { Command } from '../command.ts';
import { check } from './check.ts';
import { serve } from './serve.ts';
import { test } from './test.ts';

export const commands: readonly Command[] = [serve, check, test];
