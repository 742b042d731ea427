// The sink that a configured exporter sends to.
import { unreachable } from '../../base/unreachable.ts';
import type { Timing } from './gather.ts';
import type { ExporterSettings } from './settings.ts';
import type { Sink } from './sink.ts';
import { httpSink } from './sinks/http.ts';
import { kafkaSink } from './sinks/kafka.ts';
import { s3Sink } from './sinks/s3.ts';
import { slackSink } from './sinks/slack.ts';
import { type Outlet, stdoutSink } from './sinks/stdout.ts';

export type SinkPorts = Pick<Timing, 'now' | 'sleep'> & {
  /** Opened only for an exporter of kind Stdout. */
  readonly outlet: () => Outlet;
};

export function openSink(settings: ExporterSettings, ports: SinkPorts): Sink {
  switch (settings.kind) {
    case 'Stdout':
      return stdoutSink(ports.outlet());
    case 'HTTP':
      return httpSink(settings, ports.now);
    case 'S3':
      return s3Sink(settings, ports.now);
    case 'Kafka':
      return kafkaSink(settings);
    case 'Slack':
      return slackSink(settings, ports);
    default:
      return unreachable(settings);
  }
}
