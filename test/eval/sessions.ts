/** All annotated sessions of the benchmark. */
import type { Annotated } from './annotated.ts';
import { generate } from './generate.ts';
import { claimsJava } from './scenarios/claims-java.ts';
import { clinicWeb } from './scenarios/clinic-web.ts';
import { energyEtl } from './scenarios/energy-etl.ts';
import { engineCpp } from './scenarios/engine-cpp.ts';
import { photoRust } from './scenarios/photo-rust.ts';
import { relayGo } from './scenarios/relay-go.ts';
import { shopApi } from './scenarios/shop-api.ts';
import { warehouseSql } from './scenarios/warehouse-sql.ts';

const sizes = [50, 120, 300, 1000, 5000];

/** Generated sessions: four scenarios for tuning, four held out, five sizes each. */
export function generatedSessions(seed: number): Annotated[] {
  return sizes.flatMap((size, i) => [
    ...[shopApi, energyEtl, relayGo, warehouseSql].map((scenario, j) =>
      generate(scenario, 'tuning', size, seed + 10 * i + j),
    ),
    ...[photoRust, claimsJava, engineCpp, clinicWeb].map((scenario, j) =>
      generate(scenario, 'held out', size, seed + 1000 + 10 * i + j),
    ),
  ]);
}
