# escape=`
FROM mcr.microsoft.com/windows/servercore
ENV APP_PASSWORD=hvz<~>8knq2w<~>t `
    DIR=C:\app\
RUN net user svc gtv<~>knz7qh<~>w9 /add
