/**
 * Daily backups of tables in a vault, and copies in one elsewhere: for the day on which somebody who
 * may do everything in this account has done it.
 */
import { CfnOutput, Duration, type RemovalPolicy, Validations } from "aws-cdk-lib";
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from "aws-cdk-lib/aws-backup";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Schedule } from "aws-cdk-lib/aws-events";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { StageBackup } from "./stage";

export interface BackupsProps extends StageBackup {
  readonly tables: readonly Table[];
  readonly removal: RemovalPolicy;
}

const AT_NIGHT = Schedule.cron({ hour: "3", minute: "0" });

export function addBackups(scope: Construct, id: string, props: BackupsProps): void {
  const { tables, keepDays, copyTo, removal } = props;
  const own = new Construct(scope, id);
  const vault = new BackupVault(own, "Vault", { removalPolicy: removal });
  new CfnOutput(own, "VaultName", { value: vault.backupVaultName }).overrideLogicalId(
    "BackupVaultName",
  );
  const deleteAfter = Duration.days(keepDays);
  const elsewhere =
    copyTo === undefined
      ? []
      : [
          {
            destinationBackupVault: BackupVault.fromBackupVaultArn(own, "Elsewhere", copyTo),
            deleteAfter,
          },
        ];
  const plan = new BackupPlan(own, "Plan", {
    backupVault: vault,
    backupPlanRules: [
      new BackupPlanRule({ scheduleExpression: AT_NIGHT, deleteAfter, copyActions: elsewhere }),
    ],
  });
  const role = new Role(own, "Role", {
    assumedBy: new ServicePrincipal("backup.amazonaws.com"),
    managedPolicies: [
      ManagedPolicy.fromAwsManagedPolicyName("service-role/AWSBackupServiceRolePolicyForBackup"),
    ],
  });
  plan.addSelection("Tables", {
    role,
    resources: tables.map((table) => BackupResource.fromDynamoDbTable(table)),
  });
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
    reason: "AWS keeps the rights that its own backup service needs in this policy",
  });
}
