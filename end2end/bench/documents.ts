// SDL documents of a given number of lines, each one deployable.

/** Services per placement; providers accept no more in one group. */
const PER_PLACEMENT = 20;

const service = (name: string, at: number): string[] => [
  `  ${name}:`,
  `    image: registry.example.com/shop/${name}:1.${at}`,
  "    command:",
  "      - /bin/server",
  `      - "--listen=0.0.0.0:${8000 + at}"`,
  "    env:",
  `      - NAME=${name}`,
  "      - LOG_LEVEL=info",
  `      - "GREETING=hello from ${name}"`,
  "    expose:",
  `      - port: ${8000 + at}`,
  "        as: 80",
  "        proto: tcp",
  "        to:",
  "          - global: true",
];

const compute = (name: string): string[] => [
  `    ${name}:`,
  "      resources:",
  "        cpu:",
  "          units: 0.5",
  "        memory:",
  "          size: 512Mi",
  "        storage:",
  "          - size: 1Gi",
];

const price = (name: string): string[] => [`        ${name}:`, "          denom: uact", "          amount: 1000"];

const deployment = (name: string, placement: string): string[] => [
  `  ${name}:`,
  `    ${placement}:`,
  `      profile: ${name}`,
  "      count: 1",
];

/** A document with the given number of services, filled with comments up to the given number of lines. */
export function sdl(services: number, lines: number): string {
  const names = Array.from({ length: services }, (_, at) => `service-${at}`);
  const placement = (at: number): string => `place-${Math.floor(at / PER_PLACEMENT)}`;
  const places = Array.from({ length: Math.ceil(services / PER_PLACEMENT) }, (_, at) => [
    `    place-${at}:`,
    "      pricing:",
    ...names.slice(at * PER_PLACEMENT, (at + 1) * PER_PLACEMENT).flatMap(price),
  ]);
  const written = [
    'version: "2.0"',
    "services:",
    ...names.flatMap(service),
    "profiles:",
    "  compute:",
    ...names.flatMap(compute),
    "  placement:",
    ...places.flat(),
    "deployment:",
    ...names.flatMap((name, at) => deployment(name, placement(at))),
  ];
  const comments = Array.from({ length: lines - written.length }, (_, at) => `# remark ${at}`);
  return [...comments, ...written].join("\n");
}
