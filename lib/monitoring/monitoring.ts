/**
 * What the operator sees: alarms, the topic that they are sent to, the dashboard, saved queries,
 * and word of changes to key and secret.
 *
 * A part of the API stack, not a stack of its own: alarms name functions and queues, and
 * CloudFormation keeps a stack from replacing what another one imports (decision 0047).
 */
import { Stack } from "aws-cdk-lib";
import {
  AlarmRule,
  AlarmState,
  AlarmStatusWidget,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarm,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import {
  AxisPosition,
  CompositeAlarmOperator,
  MonitoringFacade,
  noopAction,
  notifySns,
} from "cdk-monitoring-constructs";
import { Construct } from "constructs";
import type { DataStack } from "../data-stack";
import { metricsNamespaceOf } from "../metrics-namespace";
import { acknowledge } from "../rule-packs";
import type { Stage } from "../stage";
import { type AlarmDefinition, alarmsOf, type Watched } from "./alarms";
import { articleOf } from "./article";
import { createTopic, type Guarded, watchChanges } from "./changes";
import { type DashboardInputs, dashboardOf } from "./dashboard";
import {
  BURN_RATES,
  type BurnRate,
  longBurn,
  type Objective,
  OBJECTIVES,
  shortBurn,
} from "./objectives";
import { OwnMetrics } from "./own-metrics";
import { addQueries, type Queried } from "./queries";

export interface MonitoringProps extends Omit<Watched, "metrics">, Queried {
  readonly stage: Stage;
  readonly data: Guarded & Pick<DataStack, "refreshTokens">;
  readonly apiId: string;
}

export class Monitoring extends Construct {
  private readonly facade: MonitoringFacade;
  private readonly metrics: OwnMetrics;
  private readonly topic: ITopic;
  private readonly prefix: string;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { stage, data } = props;
    this.prefix = `RollupVault-${stage.name}`;
    this.metrics = new OwnMetrics(metricsNamespaceOf(stage));
    this.topic = createTopic(this, stage.alarms?.email);
    this.facade = new MonitoringFacade(this, this.prefix, {
      metricFactoryDefaults: { namespace: metricsNamespaceOf(stage) },
      alarmFactoryDefaults: {
        alarmNamePrefix: this.prefix,
        actionsEnabled: true,
        action: notifySns(this.topic, this.topic),
      },
    });
    const watched = { ...props, metrics: this.metrics };
    const causes = alarmsOf(watched).map((one) => ({ ...one, alarm: this.add(one) }));
    const levels = OBJECTIVES.flatMap((objective) =>
      BURN_RATES.map((rate) => ({ rate, alarm: this.addBurn(objective, rate) })),
    );
    const outage = this.addOutage([
      ...levels.filter(({ rate }) => rate.name === "BurnFast").map(({ alarm }) => alarm),
      ...causes.filter(({ isOutage }) => isOutage === true).map(({ alarm }) => alarm),
    ]);
    const alarms = [outage, ...levels.map(({ alarm }) => alarm), ...causes.map((c) => c.alarm)];
    this.draw({ ...watched, tables: [data.refreshTokens] }, alarms);
    addQueries(this, this.prefix, props);
    watchChanges(this, this.topic, data);
  }

  private add(definition: AlarmDefinition): IAlarm {
    const [toAlarm, periods] = definition.datapoints ?? [1, 1];
    const { threshold = 1, comparison, missing, name, means, metric } = definition;
    const { alarm } = this.facade.createAlarmFactory(name).addAlarm(metric as never, {
      alarmNameSuffix: name,
      alarmDescription: `It fires where ${means}.`,
      runbookLink: articleOf(name),
      disambiguator: name,
      threshold,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
      datapointsToAlarm: toAlarm,
      evaluationPeriods: periods,
    });
    return alarm;
  }

  /** Both windows burn. Each alone is no alarm: it notifies nobody. */
  private addBurn(objective: Objective, rate: BurnRate): CompositeAlarm {
    const name = `${objective.name}${rate.name}`;
    const factory = this.facade.createAlarmFactory(name);
    const runbookLink = articleOf(name);
    const windows = [
      { suffix: "Long", metric: longBurn(objective, this.metrics, rate) },
      { suffix: "Short", metric: shortBurn(objective, this.metrics, rate) },
    ].map(({ suffix, metric }) =>
      factory.addAlarm(metric, {
        alarmNameSuffix: suffix,
        disambiguator: suffix,
        alarmDescription: `One of the two windows of ${name}; alone it notifies nobody.`,
        runbookLink,
        threshold: rate.rate,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        datapointsToAlarm: 1,
        evaluationPeriods: 1,
        actionOverride: noopAction(),
      }),
    );
    for (const { alarm } of windows) {
      acknowledge(alarm, "CloudWatchAlarmAction");
    }
    return factory.addCompositeAlarm(windows, {
      disambiguator: name,
      alarmNameOverride: `${this.prefix}-${name}`,
      alarmDescription:
        `It fires where the error budget of ${objective.title} burns: ` + `${rate.share}.`,
      runbookLink,
      compositeOperator: CompositeAlarmOperator.AND,
    });
  }

  private addOutage(alarms: readonly IAlarm[]): CompositeAlarm {
    const outage = new CompositeAlarm(this, "UsersNotServed", {
      compositeAlarmName: `${this.prefix}-UsersNotServed`,
      alarmDescription:
        "It fires where users get no access token or cannot sign in. \r\n" +
        `Runbook: ${articleOf("UsersNotServed")}`,
      alarmRule: AlarmRule.anyOf(
        ...alarms.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM)),
      ),
    });
    outage.addAlarmAction(new SnsAction(this.topic));
    outage.addOkAction(new SnsAction(this.topic));
    return outage;
  }

  private draw(inputs: DashboardInputs, alarms: readonly IAlarm[]): void {
    const [first, ...rest] = dashboardOf(inputs, Stack.of(this).region);
    this.facade.addLargeHeader(first?.title ?? "");
    this.facade.addWidget(
      new AlarmStatusWidget({ title: "Alarms", alarms: [...alarms], width: 24, height: 4 }),
    );
    for (const section of [first, ...rest]) {
      if (section === undefined) {
        continue;
      }
      if (section !== first) {
        this.facade.addLargeHeader(section.title);
      }
      this.facade.monitorCustom({
        alarmFriendlyName: section.title,
        humanReadableName: section.title,
        addToAlarmDashboard: false,
        metricGroups: section.graphs.map(({ title, metrics, right = [] }) => ({
          title,
          graphWidgetWidth: 12,
          metrics: [
            ...metrics,
            ...right.map((metric) => ({
              metric,
              alarmFriendlyName: title,
              addAlarm: {},
              position: AxisPosition.RIGHT,
            })),
          ] as never,
        })),
      });
    }
  }
}
