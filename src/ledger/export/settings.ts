// What is configured of an exporter. Secrets are never here: only the paths of the files that hold them.
export type BatchSettings = {
  readonly records: number;
  readonly bytes: number;
  /** A batch leaves after so long, full or not. */
  readonly waitMs: number;
};

type Common = {
  /** Names the cursor and the metrics; one exporter each. */
  readonly name: string;
  readonly batch: BatchSettings;
};

/** PEM files; `caFile` is then the only authority that is believed. */
export type TlsFiles = {
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
};

export type StdoutSettings = Common & { readonly kind: 'Stdout' };

export type HttpSettings = Common & {
  readonly kind: 'HTTP';
  readonly url: string;
  /** Lines `Name: value`, read for each request. */
  readonly headersFile: string | null;
  readonly tls: TlsFiles;
};

export type S3Settings = Common & {
  readonly kind: 'S3';
  readonly bucket: string;
  readonly region: string;
  /** Without slashes at its ends; "" for none. */
  readonly prefix: string;
  /** null: that of AWS in this region. */
  readonly endpoint: string | null;
  /** The bucket in the path, not in the host name. */
  readonly pathStyle: boolean;
  readonly caFile: string | null;
  /** null: those of the platform (web identity, pod identity, instance, AWS_* variables). */
  readonly credentials: {
    readonly accessKeyIdFile: string;
    readonly secretAccessKeyFile: string;
  } | null;
  readonly objectLock: { readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly days: number } | null;
};

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export type KafkaSettings = Common & {
  readonly kind: 'Kafka';
  /** `HOST:PORT`. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** null: no TLS. */
  readonly tls: TlsFiles | null;
  readonly sasl: {
    readonly mechanism: (typeof saslMechanisms)[number];
    readonly usernameFile: string;
    readonly passwordFile: string;
  } | null;
};

export type SlackSettings = Common & {
  readonly kind: 'Slack';
  /** Holds the URL of an incoming webhook. */
  readonly urlFile: string;
  /** The same rule in the same namespace is told once in so long. */
  readonly windowMs: number;
  /** Least time between two messages. */
  readonly everyMs: number;
  readonly caFile: string | null;
};

export type ExporterSettings =
  | StdoutSettings
  | HttpSettings
  | S3Settings
  | KafkaSettings
  | SlackSettings;

export const exporterKinds = ['Stdout', 'S3', 'Kafka', 'HTTP', 'Slack'] as const;

/** Kafka takes requests of 1 MiB, and so do most receivers of HTTP; an object of S3 should not be small. */
export const batchDefaults: Readonly<Record<ExporterSettings['kind'], BatchSettings>> = {
  Stdout: { records: 1000, bytes: 256 * 1024, waitMs: 1_000 },
  HTTP: { records: 1000, bytes: 768 * 1024, waitMs: 2_000 },
  S3: { records: 100_000, bytes: 8 * 1024 * 1024, waitMs: 60_000 },
  Kafka: { records: 1000, bytes: 640 * 1024, waitMs: 1_000 },
  Slack: { records: 1000, bytes: 1024 * 1024, waitMs: 5_000 },
};
