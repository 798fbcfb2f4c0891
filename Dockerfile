# docker build -t citus-ingest .

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
# What the build downloads is a layer of its own, which only a change of the pom.xml makes anew.
COPY .mvn .mvn
COPY pom.xml ./
RUN mkdir -p src/main/java/x && echo 'package x; final class X {}' > src/main/java/x/X.java \
    && mvn -B -ntp -Dmaven.test.skip=true -Dexec.skip=true package && rm -r src target
COPY deploy/roles.sql deploy/
COPY src src
# The demo's PostgreSQL is for the checkout.
RUN mvn -B -ntp -Dmaven.test.skip=true -Dexec.skip=true package \
    && rm target/lib/embedded-postgres*.jar

FROM eclipse-temurin:17-jre
LABEL org.opencontainers.image.title="citus-ingest" \
      org.opencontainers.image.description="Loads files from Azure Blob Storage into Citus, each blob version exactly once" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /opt/citus-ingest
# From what changes least to what changes most.
COPY --from=build /build/target/lib lib/
COPY --from=build /build/target/console console/
COPY bin bin/
COPY LICENSE application.properties ./
COPY routes routes/
COPY deploy deploy/
COPY --from=build /build/target/citus-ingest.jar ./
RUN bin/archive-classes
# The launcher adds ExitOnOutOfMemoryError: a process without memory is to be started anew.
ENV JAVA_OPTS="-XX:MaxRAMPercentage=70"
USER 10001:10001
ENTRYPOINT ["/opt/citus-ingest/bin/citus-ingest"]
CMD ["run"]
