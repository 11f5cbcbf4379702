/** The API's own domain name: certificate, mapping and address. */
import { CfnOutput } from "aws-cdk-lib";
import { DomainName, EndpointType, SecurityPolicy } from "aws-cdk-lib/aws-apigatewayv2";
import {
  Certificate,
  CertificateValidation,
  type ICertificate,
} from "aws-cdk-lib/aws-certificatemanager";
import {
  AaaaRecord,
  ARecord,
  HostedZone,
  type IHostedZone,
  RecordTarget,
} from "aws-cdk-lib/aws-route53";
import { ApiGatewayv2DomainProperties } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import type { StageDomain } from "./stage";

/** Without a hosted zone the owner enters the output `ApiDomainTarget` as a CNAME elsewhere. */
export function createApiDomain(scope: Construct, id: string, domain: StageDomain): DomainName {
  const own = new Construct(scope, id);
  const { name: domainName, hostedZone } = domain;
  const zone =
    hostedZone &&
    HostedZone.fromHostedZoneAttributes(own, "Zone", {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
  const created = new DomainName(own, "Name", {
    domainName,
    certificate: certificateOf(own, domain, zone),
    endpointType: EndpointType.REGIONAL,
    securityPolicy: SecurityPolicy.TLS_1_2,
  });
  const { regionalDomainName, regionalHostedZoneId } = created;
  if (zone === undefined) {
    new CfnOutput(own, "Target", { value: regionalDomainName }).overrideLogicalId(
      "ApiDomainTarget",
    );
    return created;
  }
  const target = RecordTarget.fromAlias(
    new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId),
  );
  new ARecord(own, "Address", { zone, recordName: `${domainName}.`, target });
  new AaaaRecord(own, "Address6", { zone, recordName: `${domainName}.`, target });
  return created;
}

function certificateOf(
  scope: Construct,
  { name: domainName, certificateArn }: StageDomain,
  zone: IHostedZone | undefined,
): ICertificate {
  if (certificateArn !== undefined) {
    return Certificate.fromCertificateArn(scope, "Given", certificateArn);
  }
  return new Certificate(scope, "Certificate", {
    domainName,
    validation: CertificateValidation.fromDns(zone),
  });
}
